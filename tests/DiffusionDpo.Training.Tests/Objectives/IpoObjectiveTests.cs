using DiffusionDpo.Training.Objectives;
using Xunit;

namespace DiffusionDpo.Training.Tests.Objectives;

public sealed class IpoObjectiveTests : TorchTest
{
    /// <summary>As the paper writes it, on h = logit/β, and then times β².</summary>
    [Fact]
    public void Losses_and_gradients_are_those_of_the_formula() => LossTable.Check(
        new IpoObjective(LossTable.Beta),
        x => LossTable.Beta * LossTable.Beta * Math.Pow((x / LossTable.Beta) - (1 / (2 * LossTable.Beta)), 2),
        x => (2 * x) - 1);
}
