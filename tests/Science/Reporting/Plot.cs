using System.Text;
using DiffusionDpo.Cli.Reports;

namespace Science.Reporting;

/// <summary>The report's chart as a picture of its own: on a white card with its title, axes' names and legend, readable on any ground.</summary>
/// <param name="File">Name of the file, without directory.</param>
/// <param name="Title">What is drawn.</param>
/// <param name="X">Name of the abscissa.</param>
/// <param name="Y">Name of the ordinate.</param>
/// <param name="Series">Lines, and marks with intervals.</param>
internal sealed record Plot(string File, string Title, string X, string Y, IReadOnlyList<Series> Series)
{
    private const int Width = 640, ChartWidth = 600, ChartHeight = 353, Top = 52, LegendLine = 20, LegendColumns = 2;

    private static readonly string[] s_colours = ["#2f6fb7", "#c8642b", "#2e7d4f", "#7a62b3", "#8a6d1f", "#b3261e", "#555"];

    /// <summary>Series so far apart in the list share a colour: a theory and what was found.</summary>
    public int ColoursRepeatAfter { get; init; } = int.MaxValue;

    public string ToSvg()
    {
        int legendTop = Top + ChartHeight + 30, height = legendTop + (LegendLine * ((Series.Count + LegendColumns - 1) / LegendColumns));
        StringBuilder page = new();
        page.Append($"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {height}\" role=\"img\" aria-label=\"{Html.Text(Title)}\">\n<style>{Style()}</style>\n");
        page.Append($"<rect class=\"card\" x=\".5\" y=\".5\" width=\"{Width - 1}\" height=\"{height - 1}\" rx=\"8\"/>\n");
        page.Append($"<text class=\"title\" x=\"20\" y=\"26\">{Html.Text(Title)}</text><text x=\"20\" y=\"46\">{Html.Text(Y)}</text>\n");
        page.Append($"<svg x=\"20\" y=\"{Top}\" width=\"{ChartWidth}\" height=\"{ChartHeight}\" viewBox=\"0 0 {LineChart.Width} {LineChart.Height}\">{Chart}</svg>\n");
        foreach ((int number, Series one) in Series.Index())
        {
            (int x, int y) = (32 + (number % LegendColumns * 300), legendTop + (number / LegendColumns * LegendLine));
            page.Append(one.Intervals is null
                ? $"<line class=\"line s{number}\" x1=\"{x}\" x2=\"{x + 18}\" y1=\"{y - 4}\" y2=\"{y - 4}\"/>"
                : $"<circle class=\"s{number}\" cx=\"{x + 9}\" cy=\"{y - 4}\" r=\"4\"/>");
            page.Append($"<text class=\"key\" x=\"{x + 26}\" y=\"{y}\">{Html.Text(one.Name)}</text>\n");
        }

        return page.Append("</svg>\n").ToString();
    }

    private string Chart => new LineChart(Title, "", Series) { Over = X, IsOverWhole = false }.ToSvg();

    private string Style() => """
        text { font: 12px system-ui, sans-serif; fill: #6b6862; } svg svg text { font-size: 7.5px; } .title { font-size: 15px; font-weight: 600; fill: #1d1c1a; } .key { fill: #1d1c1a; }
        .card { fill: #fff; stroke: #d8d5ce; } .grid { stroke: #e4e1da; } .neutral { stroke: #6b6862; stroke-dasharray: 5 4; }
        polyline, .line { fill: none; stroke-width: 2; stroke-linejoin: round; } .bar { stroke-width: 1.5; }
        """ + string.Concat(Series.Select((_, number) => (number, s_colours[number % Math.Min(ColoursRepeatAfter, s_colours.Length)])).Select(one => $" .line.s{one.number}, .bar.s{one.number} {{ stroke: {one.Item2}; }} circle.s{one.number} {{ fill: {one.Item2}; }}"));
}
