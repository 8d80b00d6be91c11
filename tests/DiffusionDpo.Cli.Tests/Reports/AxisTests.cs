using System.Globalization;
using CsCheck;
using DiffusionDpo.Cli.Reports;
using Xunit;

namespace DiffusionDpo.Cli.Tests.Reports;

public sealed class AxisTests
{
    [Theory]
    [InlineData(0, 10, "0 5 10")]
    [InlineData(0, 1, "0 0.5 1.0")]
    [InlineData(0.6931, 0.6936, "0.6932 0.6934 0.6936")]
    [InlineData(-0.2, 0.2, "-0.2 -0.1 0 0.1 0.2")]
    [InlineData(0, 3e-5, "0 1e-5 2e-5 3e-5")]
    [InlineData(123_456.1, 123_456.5, "123,456.1 123,456.2 123,456.3 123,456.4 123,456.5")]
    [InlineData(1_000_000, 1_300_000, "1e6 1.1e6 1.2e6 1.3e6")]
    [InlineData(-2e305, 3e307, "-1e300 -5e299 0 5e299 1e300")]
    public void Marks_are_round_and_tell_each_other_apart(double low, double high, string marks)
    {
        Axis axis = new([low, high], 0, 100, 4);
        Assert.Equal(marks, string.Join(' ', axis.Ticks.Select(axis.Label)));
    }

    [Theory]
    [InlineData(7)]
    [InlineData(0)]
    [InlineData(-1e-9)]
    [InlineData(1e308)]
    [InlineData(5e-324)]
    public void One_value_stands_in_the_middle(double value) => Assert.Equal(50, new Axis([value], 0, 100, 4).At(value), 6);

    [Fact]
    public void Nothing_is_an_axis_from_0_to_1() => Assert.Equal((0, 100), (new Axis([double.NaN, double.PositiveInfinity], 0, 100, 4).At(0), new Axis([], 0, 100, 4).At(1)));

    [Fact]
    public void Steps_have_whole_marks() => Assert.Equal([1, 2, 3], new Axis([1, 3], 0, 100, 5, whole: true).Ticks);

    [Fact]
    public void Any_values_have_places_within_the_axis_and_a_few_marks_of_their_own_that_read_as_they_stand() =>
        Gen.Double.Array[1, 20].Sample(values =>
        {
            Axis axis = new(values, 10, 300, 4);
            Assert.All(values.Where(double.IsFinite), value => Assert.InRange(axis.At(value), 9.99, 300.01));
            Assert.InRange(axis.Ticks.Count, 1, 9);
            Assert.Equal(axis.Ticks.Count, axis.Ticks.Select(axis.Label).Distinct().Count());
            Assert.All(axis.Ticks, tick => Assert.Equal(axis.At(tick), axis.At(double.Parse(axis.Label(tick), NumberStyles.Float | NumberStyles.AllowThousands, CultureInfo.InvariantCulture)), 1));
        });
}
