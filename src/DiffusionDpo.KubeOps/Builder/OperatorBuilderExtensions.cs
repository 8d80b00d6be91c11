using DiffusionDpo.KubeOps.Caching;
using DiffusionDpo.KubeOps.Reconciling;
using k8s;
using k8s.Models;
using KubeOps.Abstractions.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace DiffusionDpo.KubeOps.Builder;

/// <summary>What this runtime offers beyond KubeOps' contract.</summary>
public static class OperatorBuilderExtensions
{
    /// <summary>Keeps less of each entity in the cache; controllers get what is kept.</summary>
    public static IOperatorBuilder Project<TEntity>(this IOperatorBuilder builder, Func<TEntity, TEntity> projection)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>
    {
        builder.Services.AddSingleton(new Projection<TEntity>(projection));
        return builder;
    }

    /// <summary>Watches objects that belong to entities; each change reconciles the entity. Controllers get an IObjectCache of the views.</summary>
    public static IOperatorBuilder Owns<TEntity, TObject, TView>(this IOperatorBuilder builder, OwnedWatch<TObject, TView> watch)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>
        where TObject : class, IKubernetesObject<V1ObjectMeta>
        where TView : class
    {
        ((OperatorBuilder)builder).AddStore(_ => watch.View, watch.Owner, watch.LabelSelector);
        builder.Services.AddSingleton<IOwnership>(p =>
            new Ownership<TEntity, TView>(p.GetRequiredService<EntityLoop<TEntity>>(), p.GetRequiredService<ObjectStore<TView>>(), watch.Owner));
        return builder;
    }

    private sealed class Ownership<TEntity, TView>(EntityLoop<TEntity> loop, ObjectStore<TView> store, Func<TView, ObjectKey?> owner) : IOwnership
        where TEntity : class, IKubernetesObject<V1ObjectMeta>
        where TView : class
    {
        public void Join() => store.Changed += (_, before, after) =>
        {
            // An object may change hands: both entities want to know.
            if (before is not null && owner(before) is { } old) loop.Changed(old);
            if (after is not null && owner(after) is { } present) loop.Changed(present);
        };
    }
}
