using DiffusionDpo.Training.Objectives;
using Xunit;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.Tests.Objectives;

public sealed class SigmoidObjectiveTests : TorchTest
{
    private const double Beta = 2000;

    // errors of the policy (winner, loser) and of the reference (winner, loser)
    private static readonly double[][] Table =
    [
        [0.100, 0.200, 0.101, 0.199], [0.5, 0.5, 0.5, 0.5], [0.31, 0.30, 0.30, 0.31], [1.2, 0.7, 1.21, 0.72], [0.02, 0.9, 0.05, 0.9], [0.004, 0.003, 0.0041, 0.003],
    ];

    [Fact]
    public void Losses_are_those_of_the_formula()
    {
        ObjectiveValue value = Evaluate(Table, ones(Table.Length, ScalarType.Float64));
        double[] logits = [.. Table.Select(Logit)];
        AssertClose(logits, value.Logits!, 1e-9);
        AssertClose([.. logits.Select(Loss)], value.PairLosses, 1e-12);
        AssertClose([.. logits.Select(logit => 1 / (1 + Math.Exp(logit)))], value.GradientWeights!, 1e-12);
        Assert.Equal(logits.Select(Loss).Average(), value.Loss.item<double>(), 1e-12);
    }

    [Fact]
    public void The_mean_over_pairs_is_outside_the_logarithm()
    {
        ObjectiveValue value = Evaluate([WithLogit(4), WithLogit(-4)], ones(2, ScalarType.Float64));
        Assert.Equal(2.018, value.Loss.item<double>(), 0.0005);
    }

    [Theory]
    [InlineData(800, 0)]
    [InlineData(-800, 800)]
    [InlineData(1e6, 0)]
    [InlineData(-1e6, 1e6)]
    public void Extreme_logits_give_finite_losses_and_gradients(double logit, double loss)
    {
        Tensor policy = tensor(new[] { -2 * logit / Beta, 0 }, requires_grad: true);
        ObjectiveValue value = new SigmoidObjective(Beta).Evaluate(policy, zeros(2, ScalarType.Float64), ones(1, ScalarType.Float64));
        value.Loss.backward();
        Assert.Equal(loss, value.Loss.item<double>(), 1e-6);
        double slope = logit < 0 ? Beta / 2 : 0;
        AssertClose([slope, -slope], policy.grad!, 1e-9);
    }

    [Fact]
    public void Where_policy_and_reference_agree_the_loss_is_exactly_ln_2_and_the_gradient_a_quarter_of_beta()
    {
        Tensor errors = tensor(new[] { 0.3, 0.1, 0.7, 0.4 });
        Tensor policy = errors.clone().requires_grad_(true);
        ObjectiveValue value = new SigmoidObjective(Beta).Evaluate(policy, errors, ones(2, ScalarType.Float64));
        value.Loss.backward();
        Assert.Equal(Math.Log(2), value.Loss.item<double>());
        AssertClose([Beta / 8, Beta / 8, -Beta / 8, -Beta / 8], policy.grad!, 1e-12);
        AssertClose([0.5, 0.5], value.Agreements!, 0);
    }

    [Fact]
    public void Agreement_counts_a_tie_as_a_half()
    {
        ObjectiveValue value = Evaluate([WithLogit(2), WithLogit(0), WithLogit(-1), WithLogit(1e-9)], ones(4, ScalarType.Float64));
        AssertClose([1, 0.5, 0, 1], value.Agreements!, 0);
        AssertClose([value.PairLosses.sum().item<double>(), 2.5, 1 + 1e-9], value.Totals().narrow(0, 0, 3), 1e-12);
        Assert.Equal(4, value.Totals()[6].item<double>());
    }

    [Fact]
    public void Excess_is_the_policys_error_above_the_references_winners_then_losers()
    {
        ObjectiveValue value = new SigmoidObjective(Beta).Evaluate(
            tensor(new[] { 0.3, 0.1, 0.7, 0.4 }), tensor(new[] { 0.2, 0.3, 0.3, 0.1 }), tensor(new[] { 1.0, 1.0 }));
        AssertClose([0.1, -0.2, 0.4, 0.3], value.Excess!, 1e-12);
        AssertClose([0.1 - 0.2, 0.4 + 0.3, 0.2 + 0.3], value.Totals().narrow(0, 3, 3), 1e-12);
    }

    [Fact]
    public void A_pair_of_weight_zero_contributes_nothing_and_the_divisor_stays_the_batch()
    {
        Tensor policy = tensor(new[] { 0.3, 0.1, 0.7, 0.4 }, requires_grad: true);
        ObjectiveValue value = new SigmoidObjective(Beta).Evaluate(policy, zeros(4, ScalarType.Float64), tensor(new[] { 1.0, 0.0 }));
        value.Loss.backward();
        Assert.Equal(value.PairLosses[0].item<double>() / 2, value.Loss.item<double>(), 1e-12);
        Assert.Equal(0, policy.grad![1].item<double>());
        Assert.Equal(0, policy.grad![3].item<double>());
        Assert.Equal(1, value.Totals()[6].item<double>());
    }

    [Fact]
    public void Only_the_loss_carries_a_gradient()
    {
        ObjectiveValue value = new SigmoidObjective(Beta).Evaluate(ones(2, requires_grad: true), ones(2), ones(1));
        Assert.True(value.Loss.requires_grad);
        Assert.False(value.Logits!.requires_grad || value.PairLosses.requires_grad || value.Totals().requires_grad);
    }

    private static double Logit(double[] row) => -0.5 * Beta * ((row[0] - row[2]) - (row[1] - row[3]));

    private static double Loss(double logit) => logit > 0 ? double.LogP1(Math.Exp(-logit)) : double.LogP1(Math.Exp(logit)) - logit;

    private static double[] WithLogit(double logit) => [-2 * logit / Beta, 0, 0, 0];

    private static ObjectiveValue Evaluate(double[][] rows, Tensor weights)
    {
        Tensor policy = tensor(rows.Select(row => row[0]).Concat(rows.Select(row => row[1])).ToArray());
        Tensor reference = tensor(rows.Select(row => row[2]).Concat(rows.Select(row => row[3])).ToArray());
        return new SigmoidObjective(Beta).Evaluate(policy, reference, weights);
    }

    private static void AssertClose(double[] expected, Tensor actual, double tolerance)
    {
        double[] values = [.. actual.to(ScalarType.Float64).data<double>()];
        Assert.Equal(expected.Length, values.Length);
        for (int i = 0; i < values.Length; i++) Assert.Equal(expected[i], values[i], tolerance);
    }
}
