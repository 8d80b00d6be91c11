namespace DiffusionDpo.KubeOps.Events;

/// <summary>Whether people should look at an event.</summary>
public enum EventKind
{
    /// <summary>As it should be.</summary>
    Normal,

    /// <summary>Something may need somebody.</summary>
    Warning,
}
