using DiffusionDpo.KubeOps.Caching;
using DiffusionDpo.KubeOps.Client;
using DiffusionDpo.KubeOps.Queueing;
using DiffusionDpo.KubeOps.Reconciling;
using k8s;
using k8s.Models;
using KubeOps.Abstractions.Builder;
using KubeOps.Abstractions.Reconciliation.Controller;
using KubeOps.Abstractions.Reconciliation.Finalizer;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Prometheus;

namespace DiffusionDpo.KubeOps.Builder;

/// <summary>Registers what an operator consists of; dependency injection puts it together.</summary>
internal sealed class OperatorBuilder(IServiceCollection services) : IOperatorBuilder
{
    /// <inheritdoc/>
    public IServiceCollection Services { get; } = services;

    /// <inheritdoc/>
    public IOperatorBuilder AddController<TImplementation, TEntity>()
        where TImplementation : class, IEntityController<TEntity>
        where TEntity : IKubernetesObject<V1ObjectMeta>
    {
        // The contract leaves the kind open to structs; there are none.
        typeof(OperatorBuilder).GetMethod(nameof(AddEntity), System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.NonPublic)!
            .MakeGenericMethod(typeof(TImplementation), typeof(TEntity)).Invoke(this, null);
        return this;
    }

    /// <inheritdoc/>
    public IOperatorBuilder AddFinalizer<TImplementation, TEntity>(string identifier)
        where TImplementation : class, IEntityFinalizer<TEntity>
        where TEntity : IKubernetesObject<V1ObjectMeta>
    {
        Services.AddSingleton<TImplementation>();
        Services.AddSingleton(p => new NamedFinalizer<TEntity>(identifier, p.GetRequiredService<TImplementation>()));
        return this;
    }

    /// <summary>Watches objects of a kind and keeps views of them.</summary>
    /// <param name="view">What is kept of an object, once there are services.</param>
    /// <param name="owner">The entity that an object belongs to.</param>
    /// <param name="labelSelector">Which objects; null: all.</param>
    internal void AddStore<TObject, TView>(
        Func<IServiceProvider, Func<TObject, TView>> view, Func<TView, ObjectKey?> owner, string? labelSelector)
        where TObject : class, IKubernetesObject<V1ObjectMeta>
        where TView : class
    {
        Services.AddSingleton(_ => new ObjectStore<TView>(owner));
        Services.AddSingleton<IObjectCache<TView>>(p => p.GetRequiredService<ObjectStore<TView>>());
        Services.AddSingleton<IReflector>(p => new Reflector<TObject, TView>(
            p.GetRequiredService<ApiConnection>(),
            p.GetRequiredService<ObjectStore<TView>>(),
            view(p),
            p.GetRequiredService<OperatorSettings>().Namespace,
            labelSelector,
            p.GetService<ReflectorOptions>() ?? new ReflectorOptions(),
            p.GetRequiredService<ReflectorMetrics>(),
            p.GetRequiredService<TimeProvider>(),
            p.GetRequiredService<ILoggerFactory>().CreateLogger("watch")));
    }

    private void AddEntity<TImplementation, TEntity>()
        where TImplementation : class, IEntityController<TEntity>
        where TEntity : class, IKubernetesObject<V1ObjectMeta>
    {
        Services.TryAddSingleton(new Projection<TEntity>(entity => entity));
        Services.AddSingleton<TImplementation>();
        AddStore<TEntity, TEntity>(p => p.GetRequiredService<Projection<TEntity>>().Apply, _ => null, null);
        // Each kind has its own queue: a key says which object, and not of which kind.
        Services.AddKeyedSingleton(typeof(TEntity), (p, _) => new WorkQueue<ObjectKey>(
            p.GetRequiredService<TimeProvider>(),
            new QueueMetrics(p.GetRequiredService<CollectorRegistry>(), typeof(TEntity).Name.ToLowerInvariant())));
        Services.AddSingleton(Loop<TImplementation, TEntity>);
        Services.AddSingleton<IEntityLoop>(p => p.GetRequiredService<EntityLoop<TEntity>>());
    }

    private static EntityLoop<TEntity> Loop<TImplementation, TEntity>(IServiceProvider services)
        where TImplementation : class, IEntityController<TEntity>
        where TEntity : class, IKubernetesObject<V1ObjectMeta>
    {
        var finalizers = services.GetServices<NamedFinalizer<TEntity>>().Select(f => (f.Identifier, f.Finalizer)).ToList();
        IEntityController<TEntity> controller = services.GetRequiredService<TImplementation>();
        if (finalizers.Count > 0) controller = new Finalizers<TEntity>(controller, finalizers, services.GetRequiredService<ApiClient>());
        var store = services.GetRequiredService<ObjectStore<TEntity>>();
        var loop = new EntityLoop<TEntity>(
            controller,
            store,
            services.GetRequiredKeyedService<WorkQueue<ObjectKey>>(typeof(TEntity)),
            services.GetRequiredService<OperatorSettings>().Reconciling,
            services.GetRequiredService<ReconcileMetrics>(),
            services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(TEntity).Name));
        store.Changed += (key, before, after) => loop.Changed(key, after is null ? before : null);
        return loop;
    }

    /// <summary>A finalizer and its name.</summary>
    internal sealed record NamedFinalizer<TEntity>(string Identifier, IEntityFinalizer<TEntity> Finalizer)
        where TEntity : IKubernetesObject<V1ObjectMeta>;
}
