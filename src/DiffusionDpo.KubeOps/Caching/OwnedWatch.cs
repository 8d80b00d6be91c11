using k8s;
using k8s.Models;

namespace DiffusionDpo.KubeOps.Caching;

/// <summary>How objects of a kind that belong to entities are watched: each change reconciles the entity that it belongs to.</summary>
/// <typeparam name="TObject">The kind, such as <see cref="V1Job"/>.</typeparam>
/// <typeparam name="TView">What is kept of an object.</typeparam>
public sealed record OwnedWatch<TObject, TView>
    where TObject : IKubernetesObject<V1ObjectMeta>
    where TView : class
{
    /// <summary>What is kept of an object. Views that are equal are no change and reconcile nothing.</summary>
    public required Func<TObject, TView> View { get; init; }

    /// <summary>The entity that an object belongs to; null for none.</summary>
    public required Func<TView, ObjectKey?> Owner { get; init; }

    /// <summary>Which objects are listed and watched. Unset: all.</summary>
    public string? LabelSelector { get; init; }
}
