using DiffusionDpo.Api.FineTunes;

namespace DiffusionDpo.Operator.Progress;

/// <summary>What a trainer answered on /status, as far as it makes sense.</summary>
/// <param name="Phase">Starting, Training or Finished.</param>
/// <param name="Progress">How far it is.</param>
/// <param name="LastCheckpoint">The newest checkpoint of the process.</param>
internal sealed record ProgressReport(string Phase, TrainingProgress? Progress, CheckpointStatus? LastCheckpoint)
{
    /// <summary>Whether model and data are loaded.</summary>
    public bool IsLoaded => Phase is "Training" or "Finished";
}
