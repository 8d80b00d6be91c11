using DiffusionDpo.Cli.Display;
using Xunit;

namespace DiffusionDpo.Cli.Tests.Display;

public sealed class StepLineTests
{
    [Fact]
    public void A_step_is_one_line() =>
        Assert.Equal("step 3/100  42s left  loss 0.6931  accuracy 62 %  33.3 pairs/s  grad norm 12.3  lr 1E-05", StepLine.Of(Steps.At(3)));

    [Fact]
    public void An_objective_without_preferences_has_no_accuracy() =>
        Assert.DoesNotContain("accuracy", StepLine.Of(Steps.At(3, accuracy: double.NaN)), StringComparison.Ordinal);

    [Fact]
    public void After_the_last_step_nothing_is_left() =>
        Assert.DoesNotContain("left", StepLine.Of(Steps.At(100)), StringComparison.Ordinal);

    [Theory]
    [InlineData(0, "0s")]
    [InlineData(59.4, "59s")]
    [InlineData(59.7, "59s")]
    [InlineData(60, "1m 0s")]
    [InlineData(3599, "59m 59s")]
    [InlineData(3661, "1h 1m")]
    [InlineData(90000, "1d 1h")]
    public void Durations_have_their_two_largest_units(double seconds, string expected) =>
        Assert.Equal(expected, StepLine.Duration(TimeSpan.FromSeconds(seconds)));
}
