namespace DiffusionDpo.Cli.Reports;

/// <summary>A curve.</summary>
/// <param name="Name">Its name in the legend.</param>
/// <param name="Points">Abscissa and value, in order; what is not finite is left out.</param>
internal sealed record Series(string Name, IReadOnlyList<(double X, double Y)> Points)
{
    private const int MostPoints = 240;

    /// <summary>Draw marks and intervals instead of a smoothed line: these are few, and each was measured on its own.</summary>
    public IReadOnlyList<(double Low, double High)>? Intervals { get; init; }

    /// <summary>Whether each value stands for itself, without noise to be smoothed.</summary>
    public bool IsExact { get; init; }

    /// <summary>A value that means nothing has been learned, drawn as a dashed line.</summary>
    public double? Neutral { get; init; }

    /// <summary>At most <see cref="MostPoints"/> points, each the mean of its share of the curve.</summary>
    public IReadOnlyList<(double X, double Y)> Thinned()
    {
        (double X, double Y)[] finite = [.. Points.Where(point => double.IsFinite(point.Y))];
        int share = (finite.Length + MostPoints - 1) / MostPoints;
        return share <= 1 ? finite : [.. finite.Chunk(share).Select(part => (part.Average(p => p.X), part.Average(p => p.Y)))];
    }

    /// <summary>A moving mean over a twentieth of the curve to each side.</summary>
    /// <param name="points">The curve.</param>
    public static IReadOnlyList<(double X, double Y)> Smooth(IReadOnlyList<(double X, double Y)> points)
    {
        int reach = points.Count / 20;
        return [.. points.Select((point, at) => (point.X, points.Skip(at - Math.Min(reach, at)).Take(Math.Min(reach, at) + 1 + reach).Average(p => p.Y)))];
    }
}
