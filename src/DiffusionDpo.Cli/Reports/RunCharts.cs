using DiffusionDpo.Cli.Stages;

namespace DiffusionDpo.Cli.Reports;

/// <summary>The list of charts.</summary>
internal static class RunCharts
{
    /// <summary>All that the run's objective has.</summary>
    /// <param name="facts">The run.</param>
    public static IReadOnlyList<LineChart> Of(RunFacts facts) =>
    [
        .. Objective(facts.Log, LossReading.Of(facts.File.Training.Objective)),
        new("Gradient norm (L2)", "Before clipping. Ever larger jumps announce a divergence.", [Of(facts.Log, "norm", step => step.GradNorm)]),
        new("Learning rate", "Linear warm-up, then constant.", [Of(facts.Log, "rate", step => step.LearningRate) with { IsExact = true }]),
        new("Speed (pairs per second)", "Over the recent steps.", [Of(facts.Log, "pairs per second", step => step.PairsPerSecond) with { IsExact = true }]),
    ];

    private static IEnumerable<LineChart> Objective(RunLog log, LossReading reading) => log switch
    {
        { Compares: false } => [new("Loss", "Mean squared error of the noise prediction on the winners.", [Of(log, "loss", step => step.Loss)])],
        _ when reading.Start is { } start => Comparing(log, reading, start),
        _ => WithoutReference(log, reading),
    };

    private static IEnumerable<LineChart> Comparing(RunLog log, LossReading reading, double start)
    {
        yield return Accuracy(log, "Share of comparisons that the policy agrees with; one half is chance.", 50);
        yield return new(
            "Error against the base model's (%)",
            "The losers' should rise and the winners' should not: where both rise, the model unlearns to draw, whatever the accuracy says.",
            [
                Of(log, "winners", step => 100 * step.WinnerErrorExcess / step.ReferenceError) with { Neutral = 0, Limit = 100 * Alarms.WinnerErrorGrowth },
                Of(log, "losers", step => 100 * step.LoserErrorExcess / step.ReferenceError),
            ]);
        yield return new(
            reading.Title,
            $"Begins at {reading.StartText}: the policy is the base model. Below it, the policy agrees with the preferences.",
            [Of(log, "loss", step => step.Loss) with { Neutral = start }]);
        yield return new(
            "Reward margin (mean logit)",
            "How much more the policy prefers winners to losers than the base model does.",
            [Of(log, "margin", step => step.RewardMargin) with { Neutral = 0 }]);
    }

    private static IEnumerable<LineChart> WithoutReference(RunLog log, LossReading reading)
    {
        yield return Accuracy(log, "Share of comparisons whose winner is denoised better than the loser. Where it began is the base model; what it grows by was learned.", null);
        yield return new(reading.Title, "The winner's denoising error, and what the margin between winner and loser lacks.", [Of(log, "loss", step => step.Loss)]);
        yield return new(
            "Reward margin (mean logit)",
            "How much better winners are denoised than losers. It begins where the base model stands, not at 0.",
            [Of(log, "margin", step => step.RewardMargin)]);
    }

    private static LineChart Accuracy(RunLog log, string note, double? neutral)
    {
        Series training = Of(log, "training pairs", step => 100 * step.ImplicitAccuracy) with { Neutral = neutral };
        Series held = new("held-out pairs, 95 % interval", [.. log.HeldOut.Select(one => ((double)one.Step, 100 * one.Accuracy))])
        {
            Intervals = [.. log.HeldOut.Select(one => (100 * one.Lower, 100 * one.Upper))],
        };
        return new("Implicit accuracy (%)", note, log.HeldOut.Count > 0 ? [training, held] : [training]);
    }

    private static Series Of(RunLog log, string name, Func<LoggedStep, double?> value) => new(name, [.. log.Steps.Select(step => ((double)step.Step, value(step) ?? double.NaN))]);
}
