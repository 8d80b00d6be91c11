namespace DiffusionDpo.KubeOps.Reconciling;

/// <summary>Reconciles the entities of a kind.</summary>
internal interface IEntityLoop
{
    /// <summary>The kind, in lower case.</summary>
    string Kind { get; }

    /// <summary>Whether its workers still move: a reconciliation may ignore that its time is over, and its worker is lost with it.</summary>
    bool IsMoving { get; }

    /// <summary>Works until it is cancelled; what has begun may end within the drain limit.</summary>
    Task RunAsync(CancellationToken stop);
}
