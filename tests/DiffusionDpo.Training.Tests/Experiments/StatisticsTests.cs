using Science.Statistics;
using Xunit;

namespace DiffusionDpo.Training.Tests.Experiments;

public sealed class StatisticsTests
{
    [Fact]
    public void Spearman_looks_at_ranks_alone()
    {
        Assert.Equal(1, Regression.Spearman([1, 2, 3, 4], [0.1, 5, 6, 1000]), 1e-12);
        Assert.Equal(-0.8, Regression.Spearman([1, 2, 3, 4], [4, 3, 1, 2]), 1e-12);
        Assert.Equal(Math.Sqrt(0.9), Regression.Spearman([1, 2, 3, 4], [1, 2, 2, 3]), 1e-12);
    }

    [Fact]
    public void The_slope_is_that_of_least_squares() => Assert.Equal(1.5, Regression.Slope([0, 1, 2], [1, 2, 4]), 1e-12);

    [Fact]
    public void The_interval_of_repetitions_is_students()
    {
        Interval interval = Interval.OfRepetitions([1, 2, 3]);
        Assert.Equal(2, interval.Value, 1e-12);
        Assert.Equal(2 - (4.303 / Math.Sqrt(3)), interval.Low, 1e-3);
        Assert.True(interval.Contains(3) && !interval.Contains(5));
    }

    [Fact]
    public void Two_coins_in_three_have_the_bootstrap_interval_of_a_binomial()
    {
        Interval interval = Interval.Bootstrap(900, drawn => drawn.Average(i => i % 3 == 0 ? 0.0 : 1), 1);
        Assert.Equal(2.0 / 3, interval.Value, 1e-12);
        Assert.Equal(1.96 * Math.Sqrt(2.0 / 9 / 900), (interval.High - interval.Low) / 2, 0.004);
    }
}
