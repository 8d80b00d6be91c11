using KubeApi.Storage;

namespace KubeApi.Cluster;

/// <summary>A part of the control plane, or of a node: level-triggered, one object at a time.</summary>
internal interface IController
{
    /// <summary>The objects to look at because of a change.</summary>
    IEnumerable<ObjectId> Affected(Change change);

    /// <summary>Brings an object forward; the answer is when to look at it again, if time alone can change something.</summary>
    Task<DateTimeOffset?> ReconcileAsync(ObjectId id);
}
