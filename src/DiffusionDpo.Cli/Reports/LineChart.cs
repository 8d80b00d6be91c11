using System.Text;

namespace DiffusionDpo.Cli.Reports;

/// <summary>Curves over the steps, as SVG that scales with the page and takes its colours from it.</summary>
/// <param name="title">What is drawn.</param>
/// <param name="note">One sentence: how to read it.</param>
/// <param name="series">The curves.</param>
internal sealed class LineChart(string title, string note, IReadOnlyList<Series> series)
{
    private const double Width = 480;
    private const double Height = 240;
    private const double Left = 58;
    private const double Right = 10;
    private const double Top = 10;
    private const double Bottom = 28;

    /// <summary>The figure.</summary>
    public string ToHtml()
    {
        StringBuilder page = new();
        page.Append($"<figure><h3>{Html.Text(title)}</h3>");
        if (series.All(one => one.Thinned().Count == 0)) return page.Append("<p class=\"none\">nothing yet</p></figure>").ToString();
        page.Append(ToSvg()).Append("<figcaption>");
        if (series.Count > 1) page.AppendJoin(' ', series.Index().Select(one => $"<span class=\"key s{one.Index}\">{Html.Text(one.Item.Name)}</span>")).Append("<br>");
        return page.Append(Html.Text(note)).Append("</figcaption></figure>").ToString();
    }

    /// <summary>The drawing alone.</summary>
    public string ToSvg()
    {
        StringBuilder page = new();
        page.Append($"<svg viewBox=\"0 0 {Width} {Height}\" role=\"img\" aria-label=\"{Html.Text(title)}\">");
        Axis x = new(series.SelectMany(one => one.Points.Select(p => p.X)), Left, Width - Right, 5);
        Axis y = new(series.SelectMany(Extent), Height - Bottom, Top, 4);
        AppendGrid(page, x, y);
        foreach ((int number, Series one) in series.Index()) Append(page, one, number, x, y);
        return page.Append("</svg>").ToString();
    }

    private static IEnumerable<double> Extent(Series one)
    {
        IEnumerable<double> values = one.Intervals is { } intervals ? intervals.SelectMany(each => new[] { each.Low, each.High }) : one.Thinned().Select(point => point.Y);
        return one.Neutral is { } neutral ? values.Append(neutral) : values;
    }

    private static void AppendGrid(StringBuilder page, Axis x, Axis y)
    {
        foreach (double value in y.Ticks)
        {
            string at = Html.At(y.At(value));
            page.Append($"<line class=\"grid\" x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{at}\" y2=\"{at}\"/>");
            page.Append($"<text x=\"{Left - 6}\" y=\"{at}\" dy=\".35em\" text-anchor=\"end\">{Html.Number(value)}</text>");
        }

        foreach (double value in x.Ticks)
            page.Append($"<text x=\"{Html.At(x.At(value))}\" y=\"{Height - 8}\" text-anchor=\"middle\">{Html.Number(value)}</text>");
    }

    private static void Append(StringBuilder page, Series one, int number, Axis x, Axis y)
    {
        if (one.Neutral is { } neutral)
            page.Append($"<line class=\"neutral\" x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{Html.At(y.At(neutral))}\" y2=\"{Html.At(y.At(neutral))}\"/>");
        if (one.Intervals is { } intervals)
        {
            foreach (((double at, double value), (double low, double high)) in one.Points.Zip(intervals))
            {
                string place = Html.At(x.At(at));
                page.Append($"<line class=\"bar s{number}\" x1=\"{place}\" x2=\"{place}\" y1=\"{Html.At(y.At(low))}\" y2=\"{Html.At(y.At(high))}\"/>");
                page.Append($"<circle class=\"s{number}\" cx=\"{place}\" cy=\"{Html.At(y.At(value))}\" r=\"4\">");
                page.Append($"<title>{Html.Text(one.Name)}, step {Html.Number(at)}: {Html.Number(value)} ({Html.Number(low)} to {Html.Number(high)})</title></circle>");
            }

            return;
        }

        IReadOnlyList<(double X, double Y)> points = one.Thinned();
        if (!one.IsExact) page.Append($"<polyline class=\"raw s{number}\" points=\"{Path(points, x, y)}\"/>");
        IReadOnlyList<(double X, double Y)> line = one.IsExact ? points : Series.Smooth(points);
        page.Append($"<polyline class=\"line s{number}\" points=\"{Path(line, x, y)}\"><title>{Html.Text(one.Name)}</title></polyline>");
        if (points.Count == 1) page.Append($"<circle class=\"s{number}\" cx=\"{Html.At(x.At(points[0].X))}\" cy=\"{Html.At(y.At(points[0].Y))}\" r=\"3\"/>");
    }

    private static string Path(IEnumerable<(double X, double Y)> points, Axis x, Axis y) =>
        string.Join(' ', points.Select(point => $"{Html.At(x.At(point.X))},{Html.At(y.At(point.Y))}"));
}
