using DiffusionDpo.Training.Objectives;
using Xunit;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.Tests.Objectives;

public sealed class MapoObjectiveTests : TorchTest
{
    private const double Gamma = 0.1;

    /// <summary>φ by its other form, x/(eˣ − 1) = (x/2)·(coth(x/2) − 1), and φ′ = ½·(coth(x/2) − 1) − (x/4)/sinh²(x/2).</summary>
    [Fact]
    public void Losses_and_gradients_are_those_of_the_formula() => LossTable.Check(new MapoObjective(Gamma), Loss, Gradient, Logit);

    /// <summary>Where eˣ − 1 loses digits, in both directions over the seam of the series, and where eˣ overflows.</summary>
    [Fact]
    public void Scores_are_exact_from_no_error_to_absurd_ones()
    {
        foreach ((double error, double score) in new[] { (0, 1), (2e-8, 1 - 5e-9), (0.0019999, 0.999500108325), (0.0020001, 0.99950005834167), (20, 10 / (Math.Exp(10) - 1)), (5000, 0) })
        {
            Tensor errors = tensor(new[] { error, 0 }, requires_grad: true);
            ObjectiveValue value = new MapoObjective(Gamma).Evaluate(errors, null, ones(1, ScalarType.Float64));
            Assert.Equal(1000 * (score - 1), value.Logits!.item<double>(), 1e-8);
            value.Loss.backward();
            Assert.True(errors.grad!.isfinite().all().item<bool>());
        }
    }

    [Fact]
    public void It_agrees_where_the_winner_is_denoised_better_and_compares_with_nothing()
    {
        ObjectiveValue value = new MapoObjective(Gamma).Evaluate(tensor(new[] { 0.1, 0.2, 0.3, 0.3, 0.2, 0.3 }), null, ones(3, ScalarType.Float64));
        Assert.Equal([1, 0.5, 0.5], value.Agreements!.data<double>().ToArray());
        Assert.True(value.Logits![0].item<double>() > 0);
        double[] totals = [.. value.Totals().data<double>()];
        Assert.Equal(2, totals[1]);
        Assert.All(totals[3..6], total => Assert.True(double.IsNaN(total)));
        Assert.Null(value.Excess);
    }

    private static double Logit(PairErrors pair) => 1000 * (Score(pair.Winner / 2) - Score(pair.Loser / 2));

    private static double Loss(PairErrors pair) => pair.Winner + (Gamma * (Logit(pair) > 0 ? double.LogP1(Math.Exp(-Logit(pair))) : double.LogP1(Math.Exp(Logit(pair))) - Logit(pair)));

    private static (double Winner, double Loser) Gradient(PairErrors pair)
    {
        double pull = Gamma * 1000 / (1 + Math.Exp(Logit(pair))) / 2;
        return (1 - (pull * Slope(pair.Winner / 2)), pull * Slope(pair.Loser / 2));
    }

    private static double Score(double x) => x / 2 * ((1 / Math.Tanh(x / 2)) - 1);

    private static double Slope(double x) => (((1 / Math.Tanh(x / 2)) - 1) / 2) - (x / 4 / Math.Pow(Math.Sinh(x / 2), 2));
}
