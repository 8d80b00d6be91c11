using System.Text;

namespace DiffusionDpo.Cli.Reports;

/// <summary>Curves over the steps, as SVG that scales with the page and takes its colours from it.</summary>
/// <param name="title">What is drawn, with its unit.</param>
/// <param name="note">One sentence: how to read it.</param>
/// <param name="series">The curves.</param>
internal sealed class LineChart(string title, string note, IReadOnlyList<Series> series)
{
    // About the size at which phones and three columns show it: text keeps its size there.
    internal const double Width = 340;
    internal const double Height = 200;

    private const double Left = 52;
    private const double Right = 22;
    private const double Top = 8;
    private const double Bottom = 36;

    /// <summary>What the curves go over.</summary>
    public string Over { get; init; } = "step";

    /// <summary>Only whole numbers stand below the axis.</summary>
    public bool IsOverWhole { get; init; } = true;

    /// <summary>The figure.</summary>
    public string ToHtml()
    {
        StringBuilder page = new();
        page.Append($"<figure class=\"chart\"><h3>{Html.Text(title)}</h3>");
        if (!series.Any(one => one.HasValues)) return page.Append("<p class=\"none\">No values.</p></figure>").ToString();
        page.Append(ToSvg()).Append("<figcaption>");
        if (series.Count > 1) page.AppendJoin(' ', series.Index().Select(one => $"<span class=\"key s{one.Index}\">{Html.Text(one.Item.Name)}</span>")).Append("<br>");
        return page.Append(Html.Text(note)).Append("</figcaption></figure>").ToString();
    }

    /// <summary>The drawing alone; at least one curve has values.</summary>
    public string ToSvg()
    {
        StringBuilder page = new();
        (int Number, Series Curve)[] drawn = [.. series.Index().Where(one => one.Item.HasValues)];
        page.Append($"<svg viewBox=\"0 0 {Width} {Height}\" role=\"img\" aria-label=\"{Html.Text(title)}\">");
        Axis x = new(drawn.SelectMany(one => one.Curve.Points.Select(p => p.X)), Left, Width - Right, 4, whole: IsOverWhole);
        Axis y = new(drawn.SelectMany(one => Extent(one.Curve)), Height - Bottom, Top, 4);
        AppendGrid(page, x, y);
        foreach ((int number, Series curve) in drawn) Append(page, curve, number, x, y);
        return page.Append("</svg>").ToString();
    }

    private static IEnumerable<double> Extent(Series one)
    {
        IEnumerable<double> values = one.Intervals is { } intervals
            ? intervals.SelectMany(each => new[] { each.Low, each.High }).Concat(one.Points.Select(point => point.Y))
            : one.Thinned().Select(point => point.Y);
        return one.Neutral is { } neutral ? values.Append(neutral) : values;
    }

    private void AppendGrid(StringBuilder page, Axis x, Axis y)
    {
        foreach (double value in y.Ticks)
        {
            AppendLevel(page, "grid", y.At(value));
            page.Append($"<text x=\"{Left - 6}\" y=\"{Html.At(y.At(value))}\" dy=\".35em\" text-anchor=\"end\">{y.Label(value)}</text>");
        }

        foreach (double value in x.Ticks)
            page.Append($"<text x=\"{Html.At(x.At(value))}\" y=\"{Height - Bottom + 16}\" text-anchor=\"middle\">{x.Label(value)}</text>");
        page.Append($"<text x=\"{(Left + Width - Right) / 2}\" y=\"{Height - 4}\" text-anchor=\"middle\">{Html.Text(Over)}</text>");
    }

    private static void AppendLevel(StringBuilder page, string kind, double at) =>
        page.Append($"<line class=\"{kind}\" x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{Html.At(at)}\" y2=\"{Html.At(at)}\"/>");

    private void Append(StringBuilder page, Series one, int number, Axis x, Axis y)
    {
        if (one.Neutral is { } neutral) AppendLevel(page, "neutral", y.At(neutral));
        if (one.Limit is { } limit && y.Holds(limit)) AppendLevel(page, "limit", y.At(limit));
        if (one.Intervals is { } intervals) AppendIntervals(page, one, intervals, number, x, y);
        else AppendLines(page, one, number, x, y);
    }

    private void AppendIntervals(StringBuilder page, Series one, IReadOnlyList<(double Low, double High)> intervals, int number, Axis x, Axis y)
    {
        foreach (((double at, double value), (double low, double high)) in one.Points.Zip(intervals).Where(each => double.IsFinite(each.First.Y)))
        {
            string place = Html.At(x.At(at));
            if (double.IsFinite(low) && double.IsFinite(high))
                page.Append($"<line class=\"bar s{number}\" x1=\"{place}\" x2=\"{place}\" y1=\"{Html.At(y.At(low))}\" y2=\"{Html.At(y.At(high))}\"/>");
            page.Append($"<circle class=\"s{number}\" cx=\"{place}\" cy=\"{Html.At(y.At(value))}\" r=\"4\">");
            page.Append($"<title>{Html.Text(one.Name)}, {Html.Text(Over)} {Html.Number(at)}: {Html.Number(value)} ({Html.Number(low)} to {Html.Number(high)})</title></circle>");
        }
    }

    private static void AppendLines(StringBuilder page, Series one, int number, Axis x, Axis y)
    {
        foreach (IReadOnlyList<(double X, double Y)> points in Series.Unbroken(one.Thinned()))
        {
            if (points.Count == 1) page.Append($"<circle class=\"s{number}\" cx=\"{Html.At(x.At(points[0].X))}\" cy=\"{Html.At(y.At(points[0].Y))}\" r=\"3\"/>");
            if (!one.IsExact) page.Append($"<polyline class=\"raw s{number}\" points=\"{Path(points, x, y)}\"/>");
            page.Append($"<polyline class=\"line s{number}\" points=\"{Path(one.IsExact ? points : Series.Smooth(points), x, y)}\"><title>{Html.Text(one.Name)}</title></polyline>");
        }
    }

    private static string Path(IEnumerable<(double X, double Y)> points, Axis x, Axis y) =>
        string.Join(' ', points.Select(point => $"{Html.At(x.At(point.X))},{Html.At(y.At(point.Y))}"));
}
