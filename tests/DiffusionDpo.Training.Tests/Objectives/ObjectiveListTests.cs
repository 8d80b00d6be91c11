using DiffusionDpo.Api.Options;
using DiffusionDpo.Training.Objectives;
using Xunit;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.Tests.Objectives;

public sealed class ObjectiveListTests : TorchTest
{
    [Fact]
    public void Every_objective_that_can_be_asked_for_is_there()
    {
        foreach (ObjectiveType type in Enum.GetValues<ObjectiveType>()) Assert.NotNull(ObjectiveList.For(new() { Type = type, Beta = 1 }));
    }

    [Fact]
    public void Sft_is_the_mean_of_the_winners_errors_by_weight()
    {
        IObjective sft = ObjectiveList.For(new() { Type = ObjectiveType.Sft });
        ObjectiveValue value = sft.Evaluate(tensor(new[] { 0.5f, 1.5f, 9f }), null, tensor(new[] { 1f, 1f, 0f }));
        Assert.False(sft.ComparesWithReference);
        Assert.Equal(2f / 3, value.Loss.item<float>(), 1e-6f);
        float[] totals = [.. value.Totals().data<float>()];
        Assert.Equal([2, float.NaN, float.NaN, float.NaN, float.NaN, float.NaN, 2], totals);
    }
}
