namespace DiffusionDpo.Training.Checkpoints.Remote;

/// <summary>One process's claim on a run in object storage.</summary>
/// <param name="Number">Counts from 1; the newest one owns the run.</param>
/// <param name="ParentAttempt">The attempt whose checkpoint it goes on from; 0: it begins at the base model.</param>
/// <param name="ParentStep">The step of that checkpoint; 0: it begins at the base model.</param>
/// <param name="Owner">Process and machine, for people.</param>
/// <param name="StartedAt">When it was claimed.</param>
internal sealed record AttemptRecord(int Number, int ParentAttempt, int ParentStep, string Owner, DateTimeOffset StartedAt);
