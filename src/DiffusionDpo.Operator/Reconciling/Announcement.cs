using DiffusionDpo.KubeOps.Events;

namespace DiffusionDpo.Operator.Reconciling;

/// <summary>An event to record.</summary>
/// <param name="Kind">Whether people should look.</param>
/// <param name="Reason">Why, in one word.</param>
/// <param name="Action">What the operator did, in one word.</param>
/// <param name="Note">What happened.</param>
internal sealed record Announcement(EventKind Kind, string Reason, string Action, string Note);
