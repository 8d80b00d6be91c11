using DiffusionDpo.Cli.Stages;

namespace DiffusionDpo.Cli.Reports;

/// <summary>The list of charts.</summary>
internal static class RunCharts
{
    /// <summary>All that the run's objective has.</summary>
    /// <param name="log">The run's log.</param>
    public static IReadOnlyList<LineChart> Of(RunLog log)
    {
        bool compares = log.Steps.Any(step => step.RewardMargin is not null);
        return
        [
            new("Loss", compares ? "Begins at ln 2 = 0.693: the policy is the base model. Below it, the policy agrees with the preferences." : "Mean squared error of the noise prediction.", [Of(log, "loss", step => step.Loss, compares ? Math.Log(2) : null)]),
            .. compares ? Comparing(log) : [],
            new("Gradient norm", "Before clipping.", [Of(log, "norm", step => step.GradNorm)]),
            new("Learning rate", "Linear warm-up, then constant.", [Of(log, "rate", step => step.LearningRate) with { IsExact = true }]),
            new("Pairs per second", "Over the recent steps.", [Of(log, "pairs per second", step => step.PairsPerSecond) with { IsExact = true }]),
        ];
    }

    private static IEnumerable<LineChart> Comparing(RunLog log)
    {
        Series training = Of(log, "training pairs", step => step.ImplicitAccuracy, 0.5);
        Series held = new("held-out pairs, 95 % interval", [.. log.HeldOut.Select(one => ((double)one.Step, one.Accuracy))])
        {
            Intervals = [.. log.HeldOut.Select(one => (one.Lower, one.Upper))],
        };
        yield return new("Implicit accuracy", "Share of comparisons that the policy agrees with; one half is chance.", log.HeldOut.Count > 0 ? [training, held] : [training]);
        yield return new("Reward margin", "Mean logit: how much more the policy prefers winners to losers than the base model does.", [Of(log, "margin", step => step.RewardMargin, 0)]);
        yield return new(
            "Denoising error above the base model's",
            "The losers' should rise and the winners' should not: where both rise, the model unlearns to draw, whatever the accuracy says.",
            [Of(log, "winners", step => step.WinnerErrorExcess, 0), Of(log, "losers", step => step.LoserErrorExcess)]);
    }

    private static Series Of(RunLog log, string name, Func<LoggedStep, double?> value, double? neutral = null) =>
        new(name, [.. log.Steps.Select(step => ((double)step.Step, value(step) ?? double.NaN))]) { Neutral = neutral };
}
