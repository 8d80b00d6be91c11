using DiffusionDpo.Training.Objectives;
using Xunit;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.Tests.Objectives;

public sealed class SmoothedSigmoidObjectiveTests : TorchTest
{
    /// <summary>A cross-entropy of the label distribution (1 − ε, ε): ln(1 + eˣ) − (1 − ε)·x, and its slope σ(x) − (1 − ε).</summary>
    [Theory]
    [InlineData(0.1)]
    [InlineData(0.49)]
    public void Losses_and_gradients_are_those_of_the_formula(double smoothing) => LossTable.Check(
        new SmoothedSigmoidObjective(LossTable.Beta, smoothing),
        x => (x > 0 ? x + double.LogP1(Math.Exp(-x)) : double.LogP1(Math.Exp(x))) - ((1 - smoothing) * x),
        x => (1 / (1 + Math.Exp(-x))) - (1 - smoothing));

    [Fact]
    public void Without_smoothing_it_is_the_sigmoid_loss_to_the_bit()
    {
        Tensor policy = arange(20, ScalarType.Float32).sin(), reference = policy.cos(), weights = ones(10);
        ObjectiveValue smoothed = new SmoothedSigmoidObjective(5000, 0).Evaluate(policy, reference, weights), plain = new SigmoidObjective(5000).Evaluate(policy, reference, weights);
        Assert.True(plain.PairLosses.equal(smoothed.PairLosses).all().item<bool>());
    }

    [Fact]
    public void A_pair_rests_where_its_probability_is_that_of_its_label()
    {
        const double smoothing = 0.2;
        double rest = Math.Log((1 - smoothing) / smoothing);
        Tensor policy = tensor(new[] { 0.3, 0.3 + (2 * rest / LossTable.Beta) }, requires_grad: true);
        new SmoothedSigmoidObjective(LossTable.Beta, smoothing).Evaluate(policy, tensor(new[] { 0.3, 0.3 }), ones(1, ScalarType.Float64)).Loss.backward();
        Assert.Equal(0, policy.grad![0].item<double>(), 1e-9);
    }
}
