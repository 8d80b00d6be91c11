using DiffusionDpo.Api.FineTunes;
using DiffusionDpo.Training.HeldOut;

namespace DiffusionDpo.Training.Status;

/// <summary>What a trainer answers on /status.</summary>
/// <param name="Phase">Starting, Preparing, Training or Finished.</param>
/// <param name="Progress">How far it is; null until model and data are loaded.</param>
/// <param name="LastCheckpoint">The newest checkpoint of this process.</param>
/// <param name="HeldOut">Held-out accuracy as last measured.</param>
/// <param name="Preparation">How far preparing is; null while nothing is prepared.</param>
public sealed record TrainerStatus(string Phase, TrainingProgress? Progress, CheckpointStatus? LastCheckpoint, HeldOutAccuracy? HeldOut, PreparationStatus? Preparation = null);
