using DiffusionDpo.Training.Objectives;
using Xunit;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.Tests.Objectives;

public sealed class WinnerAnchorTests : TorchTest
{
    private const double Alpha = 300;

    [Fact]
    public void Losses_and_gradients_are_those_of_the_formula() => LossTable.Check(
        new WinnerAnchor(new SigmoidObjective(LossTable.Beta), Alpha),
        pair => Loss(pair.Logit) + (Alpha * (pair.Winner - pair.ReferenceWinner)),
        pair => ((0.5 * LossTable.Beta * Sigma(-pair.Logit)) + Alpha, -0.5 * LossTable.Beta * Sigma(-pair.Logit)),
        pair => pair.Logit);

    [Fact]
    public void It_leaves_the_loss_of_the_start_and_all_that_is_reported_of_the_comparison()
    {
        Tensor errors = tensor(new[] { 0.3f, 0.1f, 0.7f, 0.4f });
        ObjectiveValue value = new WinnerAnchor(new SigmoidObjective(5000), Alpha).Evaluate(errors, errors, ones(2));
        Assert.Equal(MathF.Log(2), value.Loss.item<float>());
        Assert.Equal(0, value.Logits!.abs().max().item<float>());
        Assert.NotNull(value.Excess);
    }

    private static double Loss(double x) => x > 0 ? double.LogP1(Math.Exp(-x)) : double.LogP1(Math.Exp(x)) - x;

    private static double Sigma(double x) => x > 0 ? 1 / (1 + Math.Exp(-x)) : Math.Exp(x) / (1 + Math.Exp(x));
}
