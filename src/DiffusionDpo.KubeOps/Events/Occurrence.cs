using k8s.Models;

namespace DiffusionDpo.KubeOps.Events;

/// <summary>One thing that happened, as it was recorded.</summary>
/// <param name="Regarding">What it is about.</param>
/// <param name="Kind">Whether people should look.</param>
/// <param name="Reason">Why, in one CamelCase word.</param>
/// <param name="Action">What was done, in one CamelCase word.</param>
/// <param name="Note">What happened, cut to what an event holds.</param>
/// <param name="Time">When, by the wall clock.</param>
internal sealed record Occurrence(V1ObjectReference Regarding, EventKind Kind, string Reason, string Action, string Note, DateTimeOffset Time)
{
    /// <summary>The object: its UID, or its place where a UID is not known.</summary>
    public string Object { get; } = Regarding.Uid ?? $"{Regarding.Kind}/{Regarding.NamespaceProperty}/{Regarding.Name}";
}
