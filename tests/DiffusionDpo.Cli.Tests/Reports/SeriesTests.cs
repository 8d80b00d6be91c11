using DiffusionDpo.Cli.Reports;
using Xunit;

namespace DiffusionDpo.Cli.Tests.Reports;

public sealed class SeriesTests
{
    [Fact]
    public void A_short_curve_stays_as_it_is() => Assert.Equal([(1, 2), (2, 4)], new Series("", [(1, 2), (2, 4)]).Thinned());

    [Fact]
    public void A_long_curve_keeps_its_mean_in_few_points()
    {
        IReadOnlyList<(double X, double Y)> thin = new Series("", [.. Enumerable.Range(1, 24_000).Select(i => ((double)i, i % 100 / 99.0))]).Thinned();
        Assert.Equal(240, thin.Count);
        Assert.All(thin, point => Assert.Equal(0.5, point.Y, 6));
        Assert.Equal((50.5, 23_950.5), (thin[0].X, thin[^1].X));
    }

    [Fact]
    public void What_is_not_finite_does_not_spoil_its_neighbours()
    {
        IReadOnlyList<(double X, double Y)> thin = new Series("", [.. Enumerable.Range(0, 480).Select(i => ((double)i, i == 7 ? double.NaN : i is 20 or 21 ? double.PositiveInfinity : 3.0))]).Thinned();
        Assert.Equal(3, thin[3].Y);
        Assert.True(double.IsNaN(thin[10].Y));
        Assert.Equal(239, thin.Count(point => point.Y == 3));
    }

    [Fact]
    public void The_largest_numbers_have_a_mean() =>
        Assert.All(new Series("", [.. Enumerable.Range(0, 1000).Select(i => ((double)i, double.MaxValue))]).Thinned(), point => Assert.True(double.IsFinite(point.Y)));

    [Fact]
    public void Gaps_part_a_curve() => Assert.Equal(
        [[1, 2], [4], [6, 7]],
        Series.Unbroken([(0, double.NaN), (1, 0), (2, 0), (3, double.NaN), (4, 0), (5, double.NegativeInfinity), (6, 0), (7, 0), (8, double.NaN)]).Select(part => part.Select(point => (int)point.X).ToArray()));

    [Fact]
    public void Smoothing_keeps_a_line_and_halves_a_jump()
    {
        Assert.All(Series.Smooth([.. Enumerable.Range(0, 100).Select(i => ((double)i, 5.0))]), point => Assert.Equal(5, point.Y));
        IReadOnlyList<(double X, double Y)> jump = Series.Smooth([.. Enumerable.Range(0, 100).Select(i => ((double)i, i < 50 ? 0.0 : 1.0))]);
        Assert.Equal((0, 0.5, 1), (jump[0].Y, Math.Round(jump[50].Y, 1), jump[99].Y));
    }
}
