using DiffusionDpo.Cli.Stages;

namespace DiffusionDpo.Cli.Reports;

/// <summary>What the course of a run tells.</summary>
internal static class CourseFindings
{
    /// <summary>The run's last process ended before the run did.</summary>
    /// <param name="facts">The run.</param>
    public static Finding? Ended(RunFacts facts)
    {
        if (facts.IsFinished || facts.Log.Ending is not { } ending) return null;
        return ending.Name == RunEnding.Stopped
            ? new(FindingWeight.Note, $"Stopped at step {facts.Step:N0} of {facts.TotalSteps:N0}.", ending.Text("message"))
            : new(FindingWeight.Alarm, $"Failed after step {facts.Step:N0} of {facts.TotalSteps:N0}.", ending.Text("message"));
    }

    /// <summary>The trainer stops at such a step; a log that holds one was written by something else.</summary>
    /// <param name="facts">The run.</param>
    public static Finding? NotFinite(RunFacts facts)
    {
        LoggedStep[] broken = [.. facts.Log.Steps.Where(step => !double.IsFinite(step.Loss) || !double.IsFinite(step.GradNorm))];
        return broken.Length > 0
            ? new(FindingWeight.Alarm, "Training has diverged.", $"{(broken.Length == 1 ? "One step has" : $"{broken.Length:N0} steps have")} no finite loss or gradient, the first of them step {broken[0].Step:N0}. Go on from a checkpoint before it (--resume-before {broken[0].Step}) with a lower optimizer.learningRate, and check the data.")
            : null;
    }

    /// <summary>No pictures, although they were asked for.</summary>
    /// <param name="facts">The run.</param>
    public static Finding? NoSamples(RunFacts facts) => facts.Samples.Count == 0 && facts.Log.Last("samples-failed") is { } failed
        ? new(FindingWeight.Note, "There are no pictures to compare.", failed.Text("message"))
        : null;

    /// <summary>Rows that could not be used.</summary>
    /// <param name="facts">The run.</param>
    public static Finding? SkippedRows(RunFacts facts)
    {
        int bad = facts.Log.Events.Count(one => one.Name == "bad-row");
        return bad > 0 ? new(FindingWeight.Note, $"{(bad == 1 ? "One row" : $"{bad:N0} rows")} could not be used.", "The section Data names the first of them with the reason.") : null;
    }

    /// <summary>Steps wait for their pairs. The first waits for all to begin and does not count.</summary>
    /// <param name="facts">The run.</param>
    public static Finding? WaitsForData(RunFacts facts)
    {
        if (facts.Log.Steps.Count < Alarms.FewestSteps) return null;
        LoggedStep[] steps = [.. facts.Log.Steps.Skip(1)];
        double share = steps.Sum(step => step.PhaseSeconds.GetValueOrDefault("data")) / steps.Sum(step => step.PhaseSeconds.Values.Sum());
        return share > Alarms.DataWait
            ? new(FindingWeight.Note, $"{Html.Percent(share)} of the time is spent waiting for data.", "Raise data.prefetchPairs, or bring the shards nearer: the model could train faster.")
            : null;
    }
}
