namespace DiffusionDpo.KubeOps.Reconciling;

/// <summary>Reconciles the entities of a kind.</summary>
internal interface IEntityLoop
{
    /// <summary>Works until it is cancelled; what has begun may end within the drain limit.</summary>
    Task RunAsync(CancellationToken stop);
}
