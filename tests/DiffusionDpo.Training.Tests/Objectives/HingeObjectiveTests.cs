using DiffusionDpo.Training.Objectives;
using Xunit;

namespace DiffusionDpo.Training.Tests.Objectives;

public sealed class HingeObjectiveTests : TorchTest
{
    [Fact]
    public void Losses_and_gradients_are_those_of_the_formula() =>
        LossTable.Check(new HingeObjective(LossTable.Beta), x => x < 1 ? 1 - x : 0, x => AtKink(x) ? 0 : x < 1 ? -1 : 0);

    // At a logit of 1 rounding decides on which side a pair is: 2/β is a binary fraction nowhere.
    private static bool AtKink(double logit) => logit == 1;
}
