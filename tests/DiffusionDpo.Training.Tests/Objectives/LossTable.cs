using DiffusionDpo.Training.Objectives;
using Xunit;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.Tests.Objectives;

/// <summary>
/// Pairs from everyday errors to logits of ±10⁴, and what a loss must be on them: plain arithmetic on doubles, which knows nothing of tensors. A
/// loss is checked in float64 to rounding, its gradient against a slope that is written down separately, and in float32 for being finite.
/// </summary>
internal static class LossTable
{
    public const double Beta = 2000;

    private const double Tolerance = 1e-12;
    private const double Step = 1e-3;

    /// <summary>Errors of every pair: of the policy for winner and loser, and of the reference.</summary>
    public static IReadOnlyList<PairErrors> Pairs { get; } =
    [
        new(0.100, 0.200, 0.101, 0.199), new(0.5, 0.5, 0.5, 0.5), new(0.31, 0.30, 0.30, 0.31), new(1.2, 0.7, 1.21, 0.72), new(0.02, 0.9, 0.05, 0.9),
        .. new[] { 1e-9, 0.25, 0.5, 1, 2, 10, 37, 89, 104, 710, 746, 1e4 }.SelectMany(logit => new[] { PairErrors.WithLogit(logit), PairErrors.WithLogit(-logit) }),
    ];

    /// <summary>Checks a loss that is a function of the logit.</summary>
    /// <param name="objective">With β as here.</param>
    /// <param name="loss">Of a logit.</param>
    /// <param name="slope">Its derivative.</param>
    public static void Check(IObjective objective, Func<double, double> loss, Func<double, double> slope) => Check(
        objective, pair => loss(pair.Logit), pair => (-0.5 * Beta * slope(pair.Logit), 0.5 * Beta * slope(pair.Logit)), pair => pair.Logit);

    /// <summary>Checks a loss.</summary>
    /// <param name="objective">The loss.</param>
    /// <param name="loss">Of a pair.</param>
    /// <param name="gradient">Its derivatives by the policy's error of winner and of loser.</param>
    /// <param name="logit">Of a pair.</param>
    public static void Check(IObjective objective, Func<PairErrors, double> loss, Func<PairErrors, (double Winner, double Loser)> gradient, Func<PairErrors, double> logit)
    {
        foreach (PairErrors pair in Pairs)
        {
            (ObjectiveValue value, double[] slopes) = Evaluate(objective, pair, ScalarType.Float64);
            Near(loss(pair), value.Loss.item<double>(), Tolerance, pair);
            Near(loss(pair), value.PairLosses.item<double>(), Tolerance, pair);
            Near(logit(pair), value.Logits!.item<double>(), 1e-9, pair); // a difference of nearly equal numbers, times β
            Near(gradient(pair).Winner, slopes[0], 1e-9, pair);
            Near(gradient(pair).Loser, slopes[1], 1e-9, pair);
            NearCurve(loss, pair, gradient(pair).Winner);
            (ObjectiveValue single, double[] narrow) = Evaluate(objective, pair, ScalarType.Float32);
            Assert.True(double.IsFinite(single.Loss.item<float>()) && narrow.All(double.IsFinite), $"{pair} in float32");
        }

        CheckBatch(objective);
    }

    /// <summary>Sign, weights and mean are a batch's: the loss of all pairs together is the mean of each, whatever their company.</summary>
    private static void CheckBatch(IObjective objective)
    {
        double[] alone = [.. Pairs.Select(pair => Evaluate(objective, pair, ScalarType.Float64).Value.Loss.item<double>())];
        double[] weights = [.. Pairs.Select((_, i) => i % 3 == 0 ? 0.0 : 1.0)];
        ObjectiveValue value = objective.Evaluate(Column(pair => pair.Winner, pair => pair.Loser), Reference(objective), tensor(weights));
        Near(alone.Zip(weights, (loss, weight) => loss * weight).Sum() / Pairs.Count, value.Loss.item<double>(), Tolerance, null);
        Assert.Equal(alone.Zip(weights, (loss, weight) => loss * weight).Sum(), value.Totals()[0].item<double>(), 1e-12 * alone.Sum(Math.Abs));
        Assert.False(value.Logits!.requires_grad || value.PairLosses.requires_grad);
    }

    private static (ObjectiveValue Value, double[] Slopes) Evaluate(IObjective objective, PairErrors pair, ScalarType type)
    {
        Tensor policy = tensor(new[] { pair.Winner, pair.Loser }).to(type).requires_grad_(true);
        Tensor? reference = objective.ComparesWithReference ? tensor(new[] { pair.ReferenceWinner, pair.ReferenceLoser }).to(type) : null;
        ObjectiveValue value = objective.Evaluate(policy, reference, ones(1, type));
        value.Loss.backward();
        return (value, [.. policy.grad!.@double().data<double>()]);
    }

    // The written slope against the written loss: a slip in either shows. Not across a kink, and not where rounding hides the difference.
    private static void NearCurve(Func<PairErrors, double> loss, PairErrors pair, double slope)
    {
        if (Math.Abs(pair.Logit) is not (> 0.1 and < 20) || Math.Abs(pair.Logit - 1) < 0.01) return;
        double h = Step / Beta;
        double numeric = (loss(pair with { Winner = pair.Winner + h }) - loss(pair with { Winner = pair.Winner - h })) / (2 * h);
        Assert.Equal(slope, numeric, 1e-5 * Math.Max(1, Math.Abs(slope)));
    }

    private static Tensor? Reference(IObjective objective) =>
        objective.ComparesWithReference ? Column(pair => pair.ReferenceWinner, pair => pair.ReferenceLoser) : null;

    private static Tensor Column(Func<PairErrors, double> winner, Func<PairErrors, double> loser) => tensor(Pairs.Select(winner).Concat(Pairs.Select(loser)).ToArray());

    private static void Near(double expected, double actual, double relative, PairErrors? pair) => Assert.True(
        Math.Abs(expected - actual) <= relative * Math.Max(1, Math.Abs(expected)), $"{pair}: {actual:R} instead of {expected:R}");
}

/// <summary>Errors of the policy for winner and loser of a pair, and of the reference.</summary>
internal sealed record PairErrors(double Winner, double Loser, double ReferenceWinner, double ReferenceLoser)
{
    public double Logit => -0.5 * LossTable.Beta * ((Winner - ReferenceWinner) - (Loser - ReferenceLoser));

    /// <summary>A pair whose loser the policy denoises worse than the reference does, or whose winner, where the logit is negative.</summary>
    public static PairErrors WithLogit(double logit) => logit > 0
        ? new(0.125, 0.25 + (2 * logit / LossTable.Beta), 0.125, 0.25)
        : new(0.125 - (2 * logit / LossTable.Beta), 0.25, 0.125, 0.25);
}
