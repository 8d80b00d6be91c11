using DiffusionDpo.Cli.Stages;

namespace DiffusionDpo.Cli.Reports;

/// <summary>The list of findings.</summary>
internal static class Findings
{
    private const double Collapse = 0.05; // growth of the winners' error, as a share of the reference's
    private const double LastShare = 0.1;
    private static readonly Func<RunLog, Finding?>[] s_all = [Learned, Collapsed, Stuck, WaitsForData, SkipsRows];

    /// <summary>All that hold, in the order of their weight.</summary>
    /// <param name="log">The run's log.</param>
    public static IReadOnlyList<Finding> Of(RunLog log) => [.. s_all.Select(rule => rule(log)).OfType<Finding>()];

    private static Finding? Learned(RunLog log)
    {
        if (log.HeldOutBefore is not { } before || log.HeldOutAfter is not { } after) return null;
        return after.Lower > before.Upper
            ? new(false, $"The model agrees with {Html.Percent(after.Accuracy)} of {after.Pairs:N0} unseen comparisons (95 % interval {Html.Percent(after.Lower)} to {Html.Percent(after.Upper)}); the base model by definition with 50 %.")
            : new(true, $"Nothing is proven to be learned: the model agrees with {Html.Percent(after.Accuracy)} of {after.Pairs:N0} unseen comparisons, and the 95 % interval {Html.Percent(after.Lower)} to {Html.Percent(after.Upper)} reaches chance. Train longer, measure more evaluation.heldOutPairs, or look at the labels.");
    }

    /// <summary>Accuracy alone does not see this: the losers' error grows faster than the winners', but both grow.</summary>
    private static Finding? Collapsed(RunLog log)
    {
        LoggedStep[] end = [.. End(log)];
        if (end.Average(step => step.WinnerErrorExcess) is not { } excess || end.Average(step => step.ReferenceError) is not { } scale) return null;
        double growth = excess / scale;
        return growth > Collapse
            ? new(true, $"The model unlearns to draw: even the winners' denoising error is {Html.Percent(growth)} above the base model's. Accuracy does not show it, pictures do. Lower optimizer.learningRate, raise training.objective.beta, or stop earlier.")
            : new(false, $"The winners' denoising error is {(growth < 0 ? $"{Html.Percent(-growth)} below" : $"{Html.Percent(growth)} above")} the base model's (more than {Html.Percent(Collapse)} above would mean that the model unlearns to draw).");
    }

    private static Finding? Stuck(RunLog log)
    {
        if (log.Steps.Count < 50 || End(log).Average(step => step.RewardMargin) is not { } margin) return null;
        return Math.Abs(margin) < 0.01
            ? new(true, "The loss stays at ln 2: the policy has hardly moved away from the base model. Raise optimizer.learningRate, or look whether the warm-up is longer than the run.")
            : null;
    }

    private static Finding? WaitsForData(RunLog log)
    {
        double all = log.Steps.Sum(step => step.PhaseSeconds.Values.Sum());
        double share = log.Steps.Sum(step => step.PhaseSeconds.GetValueOrDefault("data")) / all;
        return share > 0.1 ? new(true, $"{Html.Percent(share)} of the time is spent waiting for data: raise data.prefetchPairs, or bring the shards nearer.") : null;
    }

    private static Finding? SkipsRows(RunLog log)
    {
        int bad = log.Events.Count(one => one.Name == "bad-row");
        return bad > 0 ? new(true, $"{bad:N0} rows could not be used; each is named under Data.") : null;
    }

    /// <summary>The last tenth, ten steps at least: single steps are noise.</summary>
    private static IEnumerable<LoggedStep> End(RunLog log) => log.Steps.TakeLast(Math.Max(10, (int)(LastShare * log.Steps.Count)));
}
