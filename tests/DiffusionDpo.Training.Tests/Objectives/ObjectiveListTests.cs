using DiffusionDpo.Api.Options;
using DiffusionDpo.Training.Objectives;
using DiffusionDpo.Training.Steps;
using Xunit;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.Tests.Objectives;

public sealed class ObjectiveListTests : TorchTest
{
    [Fact]
    public void Every_objective_that_can_be_asked_for_is_there()
    {
        Type[] types = [.. Enum.GetValues<ObjectiveType>().Select(type => ObjectiveList.For(Options(type)).GetType())];
        Assert.Equal(Enum.GetValues<ObjectiveType>().Length, types.Distinct().Count());
    }

    [Theory]
    [InlineData(ObjectiveType.Sigmoid, true, true)]
    [InlineData(ObjectiveType.Robust, true, true)]
    [InlineData(ObjectiveType.Hinge, true, true)]
    [InlineData(ObjectiveType.Ipo, true, true)]
    [InlineData(ObjectiveType.Mapo, true, false)]
    [InlineData(ObjectiveType.Sft, false, false)]
    public void An_objective_says_what_it_looks_at(ObjectiveType type, bool losers, bool reference)
    {
        IObjective objective = ObjectiveList.For(Options(type));
        Assert.Equal((losers, reference), (objective.LooksAtLosers, objective.ComparesWithReference));
    }

    [Fact]
    public void Options_choose_what_is_combined()
    {
        Assert.IsType<SigmoidObjective>(ObjectiveList.For(Options(ObjectiveType.Sigmoid) with { LabelSmoothing = 0 }));
        Assert.IsType<SmoothedSigmoidObjective>(ObjectiveList.For(Options(ObjectiveType.Sigmoid)));
        Assert.IsType<WinnerAnchor>(ObjectiveList.For(Options(ObjectiveType.Hinge) with { WinnerAnchor = 1 }));
        Assert.IsType<PlainErrors>(ObjectiveList.ErrorsFor(new()));
        Assert.IsType<SafeguardedErrors>(ObjectiveList.ErrorsFor(new() { Safeguard = true, SafeguardMargin = 0 }));
    }

    [Theory]
    [InlineData(ObjectiveType.Sigmoid, 0.69314718055994531)]
    [InlineData(ObjectiveType.Robust, 0.69314718055994531)]
    [InlineData(ObjectiveType.Hinge, 1)]
    [InlineData(ObjectiveType.Ipo, 0.25)]
    public void Where_policy_and_reference_agree_a_loss_is_what_its_page_says(ObjectiveType type, double start)
    {
        Tensor errors = tensor(new[] { 0.3, 0.1, 0.7, 0.4 });
        Assert.Equal(start, ObjectiveList.For(Options(type)).Evaluate(errors, errors, ones(2, ScalarType.Float64)).Loss.item<double>(), 1e-15);
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

    private static ObjectiveOptions Options(ObjectiveType type) => new() { Type = type, Beta = 5000, LabelSmoothing = 0.1, MarginWeight = 0.1 };
}
