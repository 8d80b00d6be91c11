using DiffusionDpo.Training.Objectives;
using Xunit;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.Tests.Objectives;

public sealed class RobustObjectiveTests : TorchTest
{
    /// <summary>With ln(1 + eˣ) and ε/(1 − 2ε) = r: ln(1 + e⁻ˣ) − r·x, since (1 + r)·ℓ(x) − r·ℓ(−x) = ℓ(x) − r·(ℓ(−x) − ℓ(x)); slope −σ(−x) − r.</summary>
    [Theory]
    [InlineData(0.1)]
    [InlineData(0.4)]
    public void Losses_and_gradients_are_those_of_the_formula(double flips)
    {
        double r = flips / (1 - (2 * flips));
        LossTable.Check(
            new RobustObjective(LossTable.Beta, flips),
            x => (x > 0 ? double.LogP1(Math.Exp(-x)) : double.LogP1(Math.Exp(x)) - x) - (r * x),
            x => -(x > 0 ? Math.Exp(-x) / (1 + Math.Exp(-x)) : 1 / (1 + Math.Exp(x))) - r);
    }

    /// <summary>The property that gives it its name: over labels that are flipped with probability ε its mean is the sigmoid loss of the true labels.</summary>
    [Fact]
    public void Its_mean_over_flipped_labels_is_the_sigmoid_loss_of_the_true_ones()
    {
        const double flips = 0.3;
        Tensor policy = arange(20, ScalarType.Float64).sin() / 100, reference = arange(20, ScalarType.Float64).cos() / 100, weights = ones(10, ScalarType.Float64);
        var robust = new RobustObjective(LossTable.Beta, flips);
        Tensor kept = robust.Evaluate(policy, reference, weights).PairLosses, flipped = robust.Evaluate(Exchange(policy), Exchange(reference), weights).PairLosses;
        Tensor expected = new SigmoidObjective(LossTable.Beta).Evaluate(policy, reference, weights).PairLosses;
        Assert.InRange(((kept * (1 - flips)) + (flipped * flips) - expected).abs().max().item<double>(), 0, 1e-12);
    }

    private static Tensor Exchange(Tensor errors) => cat([errors.chunk(2)[1], errors.chunk(2)[0]]);
}
