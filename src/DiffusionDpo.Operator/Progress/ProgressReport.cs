using DiffusionDpo.Api.FineTunes;

namespace DiffusionDpo.Operator.Progress;

/// <summary>What a trainer answered on /status, as far as it makes sense.</summary>
/// <param name="Phase">Starting, Preparing, Training or Finished.</param>
/// <param name="Progress">How far it is.</param>
/// <param name="LastCheckpoint">The newest checkpoint of the process.</param>
/// <param name="Preparation">How far preparing is.</param>
internal sealed record ProgressReport(string Phase, TrainingProgress? Progress, CheckpointStatus? LastCheckpoint, PreparationStatus? Preparation = null)
{
    /// <summary>Whether model and data are loaded.</summary>
    public bool IsLoaded => Phase is "Training" or "Finished";

    /// <summary>Whether it does the work of its stage, so that numbers are there to be asked for.</summary>
    public bool IsAtWork => IsLoaded || Phase is "Preparing";
}
