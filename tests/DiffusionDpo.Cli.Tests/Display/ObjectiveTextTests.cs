using DiffusionDpo.Api.Options;
using DiffusionDpo.Api.Plans;
using DiffusionDpo.Cli.Display;
using DiffusionDpo.Cli.Tests.Reports;
using Xunit;

namespace DiffusionDpo.Cli.Tests.Display;

public sealed class ObjectiveTextTests
{
    [Fact]
    public void What_is_as_usual_is_not_said() => Assert.Equal("sigmoid, beta 5000 (the paper's sum form: 9.766)", ObjectiveText.Of(TinyFacts.With(new())));

    [Fact]
    public void All_that_is_combined_with_a_loss_is_said() => Assert.Equal(
        "robust, beta 5000 (the paper's sum form: 9.766), label smoothing 0.1, winner anchor 500, safeguard of the winner with margin 0",
        ObjectiveText.Of(TinyFacts.With(new() { Type = ObjectiveType.Robust, LabelSmoothing = 0.1, WinnerAnchor = 500, Safeguard = true })));

    [Theory]
    [InlineData(ObjectiveType.Mapo, "mapo, margin weight 0.1")]
    [InlineData(ObjectiveType.Sft, "sft")]
    public void Losses_without_a_reference_have_no_beta(ObjectiveType type, string text) => Assert.Equal(text, ObjectiveText.Of(TinyFacts.With(new() { Type = type })));

    [Fact]
    public void Weightings_are_said()
    {
        RunFile file = TinyFacts.With(new() { Type = ObjectiveType.Sft });
        file = file with { Training = file.Training with { Timesteps = new() { Min = 100 }, MinSnrGamma = 5 } };
        Assert.Equal("sft, timesteps 100 to 999, minimum-SNR weights with gamma 5", ObjectiveText.Of(file));
    }
}
