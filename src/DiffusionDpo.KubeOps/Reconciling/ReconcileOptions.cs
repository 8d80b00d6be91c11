namespace DiffusionDpo.KubeOps.Reconciling;

/// <summary>How entities are reconciled.</summary>
public sealed record ReconcileOptions
{
    /// <summary>Entities that are reconciled at once.</summary>
    public int Workers { get; init; } = 8;

    /// <summary>How long a reconciliation may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How long reconciliations that have begun may go on when the process is to end.</summary>
    public TimeSpan DrainLimit { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How often every entity is reconciled though nothing happened to it.</summary>
    public TimeSpan Resync { get; init; } = TimeSpan.FromHours(10);
}
