using DiffusionDpo.Api.FineTunes;
using DiffusionDpo.Training.Runs;

namespace DiffusionDpo.Training.Status;

/// <summary>The present status: the thread that works replaces it, any thread reads it, nobody waits.</summary>
public sealed class StatusBoard
{
    private volatile TrainerStatus current = new("Starting", null, null, null);

    /// <summary>The present status.</summary>
    public TrainerStatus Current => current;

    /// <summary>Takes in what happened. One thread calls it.</summary>
    /// <param name="happened">The event.</param>
    public void Observe(TrainingEvent happened) => current = happened switch
    {
        MemoryPlanned => current with { Phase = "Starting", Preparation = null },
        RunStarted started => current with { Phase = "Training", Progress = started.Progress },
        StepCompleted completed => current with { Progress = completed.Progress },
        CheckpointSaved saved => current with { LastCheckpoint = saved.Status, Phase = saved.Status.Step == current.Progress?.TotalSteps ? "Finished" : current.Phase },
        HeldOutMeasured measured => current with { HeldOut = measured.Result },
        _ => current,
    };

    /// <summary>Takes in how far preparing is. One thread at a time calls it.</summary>
    /// <param name="preparation">How far.</param>
    public void Observe(PreparationStatus preparation) => current = current with { Phase = "Preparing", Preparation = preparation };
}
