using k8s;
using k8s.Models;

namespace DiffusionDpo.KubeOps.Events;

/// <summary>
/// Tells people what happens to an object (events.k8s.io/v1). Returns at once; equal events become one with a count; a flood is thinned out;
/// an event that cannot be written is dropped, never the work that it tells of.
/// </summary>
public interface IEventRecorder
{
    /// <summary>Records an event.</summary>
    /// <param name="regarding">What it is about.</param>
    /// <param name="kind">Whether people should look.</param>
    /// <param name="reason">Why, in one CamelCase word.</param>
    /// <param name="action">What the operator did, in one CamelCase word.</param>
    /// <param name="note">What happened, for people; at most 1 KiB.</param>
    void Record(IKubernetesObject<V1ObjectMeta> regarding, EventKind kind, string reason, string action, string note);
}
