using k8s;
using k8s.Models;
using KubeOps.Abstractions.Reconciliation.Controller;
using KubeOps.Abstractions.Reconciliation.Finalizer;
using Microsoft.Extensions.DependencyInjection;

namespace KubeOps.Abstractions.Builder;

/// <summary>Puts an operator together.</summary>
public interface IOperatorBuilder
{
    /// <summary>The services that the operator runs with.</summary>
    IServiceCollection Services { get; }

    /// <summary>Reconciles objects of a kind with a controller.</summary>
    /// <typeparam name="TImplementation">The controller.</typeparam>
    /// <typeparam name="TEntity">The kind.</typeparam>
    IOperatorBuilder AddController<TImplementation, TEntity>()
        where TImplementation : class, IEntityController<TEntity>
        where TEntity : IKubernetesObject<V1ObjectMeta>;

    /// <summary>Cleans up with a finalizer before objects of a kind are deleted.</summary>
    /// <typeparam name="TImplementation">The finalizer.</typeparam>
    /// <typeparam name="TEntity">The kind.</typeparam>
    /// <param name="identifier">Its name in metadata.finalizers.</param>
    IOperatorBuilder AddFinalizer<TImplementation, TEntity>(string identifier)
        where TImplementation : class, IEntityFinalizer<TEntity>
        where TEntity : IKubernetesObject<V1ObjectMeta>;
}
