using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using DiffusionDpo.Cli.Reports;
using Xunit;

namespace DiffusionDpo.Cli.Tests.Reports;

public sealed partial class LineChartTests
{
    [Fact]
    public void A_curve_is_a_line_from_edge_to_edge_with_the_noise_behind_it()
    {
        XElement figure = Draw(new Series("loss", [(1, 0), (2, 10)]));
        Assert.Equal(["raw s0", "line s0"], figure.Descendants("polyline").Select(Class));
        Assert.Equal([(52, 164), (318, 8)], Places(figure.Descendants("polyline").Last()));
    }

    [Fact]
    public void No_values_are_said_to_be_none() => Assert.Equal("Titel No values.", Text(Draw(new Series("loss", [(1, double.NaN)]))));

    [Fact]
    public void One_value_is_a_dot() => Assert.Single(Draw(new Series("loss", [(1, 3)])).Descendants("circle"));

    [Fact]
    public void A_gap_stays_a_gap_and_a_value_between_gaps_is_a_dot()
    {
        XElement figure = Draw(new Series("loss", [(1, 1), (2, 2), (3, double.NaN), (4, 1), (5, double.NaN), (6, 3), (7, 1)]) { IsExact = true });
        Assert.Equal([2, 1, 2], figure.Descendants("polyline").Select(line => Places(line).Length));
        Assert.Single(figure.Descendants("circle"));
    }

    [Theory]
    [InlineData(double.MaxValue)]
    [InlineData(double.MinValue)]
    [InlineData(double.Epsilon)]
    public void Numbers_of_any_size_stay_within_the_picture(double value)
    {
        XElement figure = Draw(new Series("loss", [(1, 1), (2, value), (3, double.NaN), (1e12, -1)]) { Neutral = 0 });
        Assert.All(figure.Descendants("polyline").SelectMany(Places), place => Assert.True(place is (>= 0 and <= 340, >= 0 and <= 200), $"{place}"));
    }

    [Fact]
    public void A_measurement_is_a_dot_with_its_interval()
    {
        XElement figure = Draw(new Series("held out", [(0, 50), (10, 70)]) { Intervals = [(50, 50), (60, 80)] });
        Assert.Equal(2, figure.Descendants("circle").Count());
        XElement bar = figure.Descendants("line").Last(line => Class(line) == "bar s0");
        Assert.Equal(("112", "8"), ((string?)bar.Attribute("y1"), (string?)bar.Attribute("y2"))); // 60 and 80 on an axis from 50 to 80
        Assert.Contains("held out, step 10: 70 (60 to 80)", figure.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(3, false)]
    [InlineData(8, true)]
    public void A_limit_is_drawn_where_the_curve_comes_to_it(double largest, bool isDrawn) =>
        Assert.Equal(isDrawn, Draw(new Series("winners", [(1, 0), (2, largest)]) { Limit = 5 }).Descendants("line").Any(line => Class(line) == "limit"));

    [Fact]
    public void A_curve_without_values_leaves_its_colour_to_itself()
    {
        XElement figure = Draw(new Series("a", [(1, double.NaN)]), new Series("b", [(1, 1), (2, 2)]));
        Assert.Equal(["raw s1", "line s1"], figure.Descendants("polyline").Select(Class));
        Assert.Equal(["key s0", "key s1"], figure.Descendants("span").Select(Class));
    }

    [Fact]
    public void Names_are_text() => Assert.Contains("&lt;b&gt;&quot;", new LineChart("<b>\"", "<i>", [new("<u>", [(1, 1)])]).ToHtml(), StringComparison.Ordinal);

    private static XElement Draw(params Series[] series) => XElement.Parse(new LineChart("Titel", "note", series).ToHtml().Replace("<br>", "", StringComparison.Ordinal));

    private static string Class(XElement element) => (string)element.Attribute("class")!;

    private static string Text(XElement element) => string.Join(' ', element.DescendantNodes().OfType<XText>().Select(text => text.Value));

    private static (double X, double Y)[] Places(XElement line) =>
        [.. Place().Matches((string)line.Attribute("points")!).Select(match => (Number(match.Groups[1]), Number(match.Groups[2])))];

    private static double Number(Group group) => double.Parse(group.Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"(\S+),(\S+)")]
    private static partial Regex Place();
}
