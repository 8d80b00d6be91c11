using DiffusionDpo.Cli.Stages;

namespace DiffusionDpo.Cli.Reports;

/// <summary>The list of charts.</summary>
internal static class RunCharts
{
    /// <summary>All that the run's objective has.</summary>
    /// <param name="log">The run's log.</param>
    public static IReadOnlyList<LineChart> Of(RunLog log) =>
    [
        .. log.Compares ? Comparing(log) : [new("Loss", "Mean squared error of the noise prediction on the winners.", [Of(log, "loss", step => step.Loss)])],
        new("Gradient norm (L2)", "Before clipping. Ever larger jumps announce a divergence.", [Of(log, "norm", step => step.GradNorm)]),
        new("Learning rate", "Linear warm-up, then constant.", [Of(log, "rate", step => step.LearningRate) with { IsExact = true }]),
        new("Speed (pairs per second)", "Over the recent steps.", [Of(log, "pairs per second", step => step.PairsPerSecond) with { IsExact = true }]),
    ];

    private static IEnumerable<LineChart> Comparing(RunLog log)
    {
        Series training = Of(log, "training pairs", step => 100 * step.ImplicitAccuracy) with { Neutral = 50 };
        Series held = new("held-out pairs, 95 % interval", [.. log.HeldOut.Select(one => ((double)one.Step, 100 * one.Accuracy))])
        {
            Intervals = [.. log.HeldOut.Select(one => (100 * one.Lower, 100 * one.Upper))],
        };
        yield return new("Implicit accuracy (%)", "Share of comparisons that the policy agrees with; one half is chance.", log.HeldOut.Count > 0 ? [training, held] : [training]);
        yield return new(
            "Error against the base model's (%)",
            "The losers' should rise and the winners' should not: where both rise, the model unlearns to draw, whatever the accuracy says.",
            [
                Of(log, "winners", step => 100 * step.WinnerErrorExcess / step.ReferenceError) with { Neutral = 0, Limit = 100 * Alarms.WinnerErrorGrowth },
                Of(log, "losers", step => 100 * step.LoserErrorExcess / step.ReferenceError),
            ]);
        yield return new(
            "Loss (nats per pair)",
            "Begins at ln 2 = 0.693: the policy is the base model. Below it, the policy agrees with the preferences.",
            [Of(log, "loss", step => step.Loss) with { Neutral = Math.Log(2) }]);
        yield return new(
            "Reward margin (mean logit)",
            "How much more the policy prefers winners to losers than the base model does.",
            [Of(log, "margin", step => step.RewardMargin) with { Neutral = 0 }]);
    }

    private static Series Of(RunLog log, string name, Func<LoggedStep, double?> value) => new(name, [.. log.Steps.Select(step => ((double)step.Step, value(step) ?? double.NaN))]);
}
