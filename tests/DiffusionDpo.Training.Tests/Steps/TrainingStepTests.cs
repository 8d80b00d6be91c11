using DiffusionDpo.Api.Failures;
using DiffusionDpo.Training.Objectives;
using DiffusionDpo.Training.Steps;
using Xunit;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.Tests.Steps;

public sealed class TrainingStepTests : TorchTest
{
    [Fact]
    public void A_first_step_reports_ln_2_and_ties()
    {
        using var run = new TinyRun(new SigmoidObjective(5000), accumulation: 2);
        int next = 0;
        StepReport report = run.Step.Run(() => run.Batch(2 * next++, 2), CancellationToken.None);
        Assert.Equal(Math.Log(2), report.Loss, 1e-7);
        Assert.Equal(0.5, report.ImplicitAccuracy);
        Assert.Equal(0, report.RewardMargin);
        Assert.Equal((1, 4L, 0d), (report.Step, report.Pairs, report.LearningRate));
        Assert.True(report.GradientNorm > 0);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void A_loss_that_is_not_finite_ends_the_run_and_leaves_weights_and_moments(double poison)
    {
        using var run = new TinyRun(new SigmoidObjective(5000));
        run.Step.Run(() => run.Batch(0, 1), CancellationToken.None);
        Tensor weights = run.Parameters.Values.clone(), moments = run.Optimizer.FirstMoments.clone();
        RunException failure = Assert.Throws<RunException>(() => run.Step.Run(
            () => run.Batch(0, 1) is var batch ? batch with { NoisyLatents = batch.NoisyLatents * poison } : batch, CancellationToken.None));
        Assert.Equal(ExitClass.Diverged, failure.ExitClass);
        Assert.DoesNotContain('\n', failure.Message);
        Assert.Equal(1, run.Optimizer.Steps);
        Assert.True(weights.equal(run.Parameters.Values).all().item<bool>());
        Assert.True(moments.equal(run.Optimizer.FirstMoments).all().item<bool>());
    }

    [Fact]
    public void A_stop_between_micro_batches_discards_the_accumulation()
    {
        using var stop = new CancellationTokenSource();
        using var stopped = new TinyRun(new SigmoidObjective(5000), accumulation: 2);
        using var straight = new TinyRun(new SigmoidObjective(5000), accumulation: 2);
        Assert.Throws<OperationCanceledException>(() => stopped.Step.Run(() => { stop.Cancel(); return stopped.Batch(50, 1); }, stop.Token));
        Assert.Equal(0, stopped.Optimizer.Steps);
        foreach (TinyRun run in new[] { stopped, straight })
        {
            int next = 0;
            run.Step.Run(() => run.Batch(next++, 1), CancellationToken.None);
        }

        Assert.True(stopped.Parameters.Gradients.equal(straight.Parameters.Gradients).all().item<bool>());
    }

    [Fact]
    public void Time_is_measured_by_phase()
    {
        var time = new TickingTime();
        using var run = new TinyRun(new SigmoidObjective(5000), accumulation: 3, time: time);
        StepReport report = run.Step.Run(() => run.Batch(0, 1), CancellationToken.None);
        Assert.Equal([3, 0, 3, 3, 3, 1], report.Phases.Select(each => (int)each.TotalSeconds));
        Assert.Equal(TimeSpan.FromSeconds(13), report.Duration);
    }

    /// <summary>Every look at the clock is a second after the one before.</summary>
    private sealed class TickingTime : TimeProvider
    {
        private long ticks;

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => ++ticks;
    }
}
