using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.FineTunes;
using DiffusionDpo.Cli.Stages;
using DiffusionDpo.Training.Runs;
using Xunit;

namespace DiffusionDpo.Cli.Tests.Stages;

public sealed class LastWordsTests
{
    private readonly LastWords _words = new();

    [Fact]
    public void Before_training_there_is_neither_step_nor_checkpoint()
    {
        TerminationMessage message = _words.Say(ExitClass.InputMissing, "no model");
        Assert.Equal((null, null, false), (message.Step, message.Checkpoint, _words.HasSteps));
    }

    [Fact]
    public void A_resumed_run_has_the_step_and_checkpoint_it_goes_on_from()
    {
        _words.Observe(new RunStarted(new TrainingProgress { Step = 6, TotalSteps = 9, UpdatedAt = default }, 20, 4, "/run/step-6"));
        TerminationMessage message = _words.Say(ExitClass.Diverged, "NaN");
        Assert.Equal((6, "/run/step-6", true), (message.Step, message.Checkpoint, _words.HasSteps));
    }

    [Fact]
    public void The_newest_checkpoint_is_told()
    {
        _words.Observe(new RunStarted(new TrainingProgress { Step = 0, TotalSteps = 9, UpdatedAt = default }, 20, 4, null));
        Assert.False(_words.HasSteps);
        _words.Observe(new CheckpointSaved(new CheckpointStatus { Step = 3, Uri = "/run/step-3", Sha256 = "", Time = default, WorldSize = 1 }, default));
        Assert.Equal("/run/step-3", _words.Say(ExitClass.Succeeded, "done").Checkpoint);
    }
}
