using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.FineTunes;

namespace DiffusionDpo.Training.Checkpoints;

/// <summary>The checkpoints of a run, on this machine or in object storage. One that was not finished is never found.</summary>
public interface ICheckpointStore
{
    /// <summary>Says where training begins; once, before the first <see cref="Save"/>.</summary>
    /// <param name="resumed">The checkpoint it goes on from; null: the base model.</param>
    /// <exception cref="RunException">Storage failures. Transient: another process has removed that checkpoint.</exception>
    void Begin(Checkpoint? resumed);

    /// <summary>
    /// Saves the state, then removes what is too old, what a killed process left half written or half removed, and what is of a later step:
    /// that is of a history from which the run went back. After a failure the earlier checkpoints stand.
    /// </summary>
    /// <param name="position">Where training is.</param>
    /// <param name="run">What it belongs to.</param>
    /// <param name="state">Weights and moments.</param>
    /// <exception cref="RunException">Storage error: no space, or it cannot be written. Configuration error: another process has taken over the run.</exception>
    CheckpointStatus Save(TrainingPosition position, RunIdentity run, TrainingState state);

    /// <summary>The newest checkpoint whose files are what its manifest says, readable on this machine; null where there is none.</summary>
    /// <param name="passOverCorrupt">Go back to an earlier one instead of failing.</param>
    /// <param name="before">Looks only at checkpoints of earlier steps than this.</param>
    /// <param name="stop">Ends the wait where it has to be fetched.</param>
    /// <exception cref="RunException">Checkpoint corrupt: the newest one does not match its manifest; the message names the file.</exception>
    Checkpoint? FindLatest(bool passOverCorrupt = false, int? before = null, CancellationToken stop = default);
}
