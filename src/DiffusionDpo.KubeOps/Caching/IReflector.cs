using k8s;
using k8s.Models;

namespace DiffusionDpo.KubeOps.Caching;

/// <summary>Keeps a store of a kind.</summary>
internal interface IReflector
{
    /// <summary>The kind, in the plural.</summary>
    string Kind { get; }

    /// <summary>Complete once the first list is in the store.</summary>
    Task Synced { get; }

    /// <summary>Whether it still moves: what is done with a change may hang.</summary>
    bool IsMoving { get; }

    /// <summary>Lists and watches until it is cancelled, whatever happens.</summary>
    Task RunAsync(CancellationToken cancellationToken);

    /// <summary>Takes what a write answered if it is of this kind.</summary>
    void Observe(IKubernetesObject<V1ObjectMeta> item);

    /// <summary>Takes note that a write ended an object, if it is of this kind.</summary>
    void ObserveGone(Type kind, ObjectKey key, string uid);
}
