namespace DiffusionDpo.KubeOps.Client;

/// <summary>How an object is deleted.</summary>
public sealed record Deletion
{
    /// <summary>Deletes nothing but the object with this UID, not a later one of the same name.</summary>
    public string? Uid { get; init; }

    /// <summary>Foreground, Background or Orphan. Always said: without it a Job's pods would be orphaned.</summary>
    public string Propagation { get; init; } = "Background";

    /// <summary>Seconds that pods get to end; 0 gives them up at once. Unset: what the pod says.</summary>
    public int? GracePeriodSeconds { get; init; }
}
