using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.FineTunes;
using DiffusionDpo.Training.Runs;

namespace DiffusionDpo.Cli.Stages;

/// <summary>Remembers what the termination message needs: the step and the newest checkpoint.</summary>
internal sealed class LastWords
{
    private int? _step;
    private string? _checkpoint;
    private CheckpointStatus? _saved;

    /// <summary>Whether the run has come to a completed step.</summary>
    public bool HasSteps => _step > 0;

    /// <summary>Takes in what happened.</summary>
    /// <param name="happened">The event.</param>
    public void Observe(TrainingEvent happened)
    {
        switch (happened)
        {
            case RunStarted started: (_step, _checkpoint) = (started.Progress.Step, started.ResumedFrom); break;
            case StepCompleted completed: _step = completed.Report.Step; break;
            case CheckpointSaved saved: (_saved, _checkpoint) = (saved.Status, saved.Status.Uri); break;
        }
    }

    /// <summary>The termination message.</summary>
    /// <param name="exitClass">How the process ends.</param>
    /// <param name="message">One line.</param>
    public TerminationMessage Say(ExitClass exitClass, string message) =>
        new() { Class = exitClass, Step = _step, Checkpoint = _checkpoint, LastCheckpoint = _saved, Message = message };
}
