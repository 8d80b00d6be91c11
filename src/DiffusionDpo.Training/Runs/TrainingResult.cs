using DiffusionDpo.Api.FineTunes;
using DiffusionDpo.Training.HeldOut;

namespace DiffusionDpo.Training.Runs;

/// <summary>What a finished training leaves.</summary>
/// <param name="Steps">Optimizer steps.</param>
/// <param name="Checkpoint">The last checkpoint; null if it was there before this process began.</param>
/// <param name="Before">Held-out accuracy before the first step; null if it was not measured by this process.</param>
/// <param name="After">Held-out accuracy after the last step; null if there are no held-out pairs or the objective knows no preference.</param>
public sealed record TrainingResult(int Steps, CheckpointStatus? Checkpoint, HeldOutAccuracy? Before, HeldOutAccuracy? After);
