using DiffusionDpo.Api.Plans;
using DiffusionDpo.Cli.Stages;
using DiffusionDpo.Training.Objectives;
using DiffusionDpo.Training.Runs;

namespace DiffusionDpo.Cli.DryRuns;

/// <summary>Estimates how long a run takes: from a tried step, from the steps it has taken already, or not at all.</summary>
internal static class TimeEstimate
{
    private const int StepsLookedAt = 20;

    /// <summary>From a trial.</summary>
    /// <param name="file">The run file.</param>
    /// <param name="schedule">Its steps.</param>
    /// <param name="heldOutPairs">Held-out pairs that it measures.</param>
    /// <param name="trial">The trial.</param>
    public static TimeFacts Of(RunFile file, ScheduleFacts schedule, int heldOutPairs, StepTrial trial)
    {
        double step = (schedule.Accumulation * trial.MicroBatch.TotalSeconds) + trial.Update.TotalSeconds;
        double batches = Math.Ceiling(heldOutPairs / (double)file.Training.MicroBatch);
        double measurement = batches * (trial.MicroBatch.TotalSeconds + ((file.Evaluation.TimestepsPerPair - 1) * trial.ForwardPasses.TotalSeconds));
        bool measures = ObjectiveList.For(file.Training.Objective).LooksAtLosers;
        double total = (schedule.StepsLeft * step) + (measures ? Measurements(file, schedule) * measurement : 0);
        return new($"one micro-batch, timed now on this machine: {trial.MicroBatch.TotalSeconds:G3} s, and {trial.Update.TotalSeconds:G3} s for an update", step, total);
    }

    /// <summary>From the log of a run that goes on; else without a figure.</summary>
    /// <param name="schedule">Its steps.</param>
    /// <param name="log">Its log.</param>
    public static TimeFacts Of(ScheduleFacts schedule, RunLog log)
    {
        double[] speeds = [.. log.Steps.TakeLast(StepsLookedAt).Select(step => step.PairsPerSecond).Where(speed => speed > 0 && double.IsFinite(speed))];
        if (schedule.StepsLeft == 0) return new("nothing is left to train", 0, 0);
        if (speeds.Length == 0) return new("unknown until measured: add --measure, which loads the model and times a micro-batch");
        double step = schedule.GlobalBatch / speeds.Average();
        return new("the run's own last steps; held-out measurements not counted", step, schedule.StepsLeft * step);
    }

    // Before the first step, after the last, and between as asked for.
    private static int Measurements(RunFile file, ScheduleFacts schedule)
    {
        int every = file.Evaluation.HeldOutEverySteps;
        int between = every > 0 ? ((schedule.Steps - 1) / every) - ((schedule.Steps - schedule.StepsLeft) / every) : 0;
        return between + (schedule.StepsLeft == schedule.Steps ? 2 : 1);
    }
}
