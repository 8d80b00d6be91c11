using Shapes.Judging;
using Xunit;

namespace Shapes.Tests;

public sealed class SpreadTests
{
    [Fact]
    public void The_interval_is_that_of_students_t()
    {
        Spread spread = Spread.Of([1, 2, 3, 4, 5]); // mean 3, deviation √2.5, standard error √½, t of 4 degrees 2.776
        Assert.Equal(3, spread.Mean, 12);
        Assert.Equal(Math.Sqrt(2.5), spread.Deviation, 12);
        Assert.Equal(3 - (2.776 * Math.Sqrt(0.5)), spread.Low, 12);
        Assert.Equal(3 + (2.776 * Math.Sqrt(0.5)), spread.High, 12);
    }

    public static TheoryData<double[], bool> Runs => new()
    {
        { [0.461, 0.617, 0.523, 0.523, 0.641], true }, // as measured
        { [0.60, 0.62, 0.61, 0.63, 0.62], false }, // a taste that all share
        { [0.1, 0.9, 0.5, 0.2, 0.95], false }, // nothing can be said
    };

    [Theory]
    [MemberData(nameof(Runs))]
    public void A_control_is_judged_by_mean_and_spread(double[] warm, bool isUnchanged)
    {
        static Judgement Of(double share) => new(new Share(250, 256), new Share((int)Math.Round(256 * share), 256), []);
        Control control = new(Of(0.535), [.. warm.Select(Of)]);
        Assert.Equal(isUnchanged, !control.ShortOfUnchanged().Any());
    }

    [Fact]
    public void A_control_that_unlearns_to_draw_is_seen()
    {
        Judgement good = new(new Share(250, 256), new Share(137, 256), []), bad = good with { RightShape = new Share(230, 256) };
        Assert.Empty(new Control(good, [good, good with { Warm = new Share(140, 256) }]).ShortOfUnchanged());
        Assert.Contains("draws worse", Assert.Single(new Control(good, [good, bad with { Warm = new Share(140, 256) }]).ShortOfUnchanged()));
    }
}
