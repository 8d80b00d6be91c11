namespace DiffusionDpo.Cli.Reports;

/// <summary>A curve.</summary>
/// <param name="Name">Its name in the legend.</param>
/// <param name="Points">Abscissa and value, in order; what is not finite is a gap.</param>
internal sealed record Series(string Name, IReadOnlyList<(double X, double Y)> Points)
{
    private const int MostPoints = 240;
    private const double Largest = 1e300; // so that sums stay finite

    /// <summary>Draw marks and intervals instead of a smoothed line: these are few, and each was measured on its own.</summary>
    public IReadOnlyList<(double Low, double High)>? Intervals { get; init; }

    /// <summary>Whether each value stands for itself, without noise to be smoothed.</summary>
    public bool IsExact { get; init; }

    /// <summary>A value that means nothing has been learned, drawn as a dashed line.</summary>
    public double? Neutral { get; init; }

    /// <summary>A value above which something is wrong, drawn as a line once the curve comes near.</summary>
    public double? Limit { get; init; }

    /// <summary>At most <see cref="MostPoints"/> points, each the mean of what is finite in its share of the curve; NaN where nothing is.</summary>
    public IReadOnlyList<(double X, double Y)> Thinned()
    {
        int share = Math.Max(1, (Points.Count + MostPoints - 1) / MostPoints);
        return [.. Points.Chunk(share).Select(Mean)];
    }

    /// <summary>Whether there is anything to draw.</summary>
    public bool HasValues => Points.Any(point => double.IsFinite(point.Y));

    /// <summary>The stretches between the gaps.</summary>
    /// <param name="points">A curve.</param>
    public static IEnumerable<IReadOnlyList<(double X, double Y)>> Unbroken(IEnumerable<(double X, double Y)> points)
    {
        List<(double X, double Y)> stretch = [];
        foreach ((double X, double Y) point in points)
        {
            if (double.IsFinite(point.Y))
            {
                stretch.Add(point);
                continue;
            }

            if (stretch.Count > 0) yield return stretch;
            stretch = [];
        }

        if (stretch.Count > 0) yield return stretch;
    }

    /// <summary>A moving mean over a twentieth of the curve to each side.</summary>
    /// <param name="points">A curve without gaps.</param>
    public static IReadOnlyList<(double X, double Y)> Smooth(IReadOnlyList<(double X, double Y)> points)
    {
        int reach = points.Count / 20;
        return [.. points.Select((point, at) => (point.X, points.Skip(at - Math.Min(reach, at)).Take(Math.Min(reach, at) + 1 + reach).Average(p => p.Y)))];
    }

    private static (double X, double Y) Mean((double X, double Y)[] part)
    {
        double[] finite = [.. part.Select(point => point.Y).Where(double.IsFinite)];
        return (part.Average(point => point.X), finite.Length == 0 ? double.NaN : finite.Average(value => Math.Clamp(value, -Largest, Largest)));
    }
}
