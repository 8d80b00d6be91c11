using DiffusionDpo.Training.HeldOut;
using Xunit;

namespace DiffusionDpo.Training.Tests.HeldOut;

public sealed class HeldOutAccuracyTests
{
    [Fact]
    public void Ties_everywhere_give_a_half_without_width()
    {
        HeldOutAccuracy result = HeldOutAccuracy.Of(0, [0.5, 0.5, 0.5], 1);
        Assert.Equal((0.5, 0.5, 0.5), (result.Accuracy, result.Lower, result.Upper));
    }

    /// <summary>For independent coin flips the normal approximation is ±1.96·√(p(1 − p)/n).</summary>
    [Fact]
    public void The_interval_is_that_of_the_mean_over_pairs()
    {
        double[] perPair = [.. Enumerable.Range(0, 400).Select(i => i % 4 == 0 ? 0.0 : 1.0)];
        HeldOutAccuracy result = HeldOutAccuracy.Of(7, perPair, 1);
        double half = 1.96 * Math.Sqrt(0.75 * 0.25 / 400);
        Assert.Equal(0.75, result.Accuracy, 1e-12);
        Assert.Equal(0.75 - half, result.Lower, 0.005);
        Assert.Equal(0.75 + half, result.Upper, 0.005);
        Assert.Equal((7, 400), (result.Step, result.Pairs));
    }

    [Fact]
    public void Equal_seeds_give_equal_intervals() =>
        Assert.Equal(HeldOutAccuracy.Of(0, [0, 1, 0.5, 1], 9), HeldOutAccuracy.Of(0, [0, 1, 0.5, 1], 9));
}
