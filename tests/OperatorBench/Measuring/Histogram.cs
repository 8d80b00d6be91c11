using System.Globalization;

namespace OperatorBench.Measuring;

/// <summary>A histogram as Prometheus has it.</summary>
/// <param name="Buckets">How many were at most so many seconds, by that bound, in order.</param>
internal sealed record Histogram(IReadOnlyList<(double Bound, double Count)> Buckets)
{
    /// <summary>How many there were.</summary>
    public double Count => Buckets[^1].Count;

    /// <summary>Reads one from a scrape.</summary>
    /// <param name="scrape">The text.</param>
    /// <param name="series">Its buckets' name and labels without the bound, such as <c>x_bucket{name="y",le="</c>.</param>
    public static Histogram Parse(string scrape, string series) => new(
    [
        .. scrape.Split('\n').Where(line => line.StartsWith(series, StringComparison.Ordinal)).Select(line =>
        {
            var bound = line[series.Length..line.IndexOf('"', series.Length)];
            return (bound == "+Inf" ? double.PositiveInfinity : double.Parse(bound, CultureInfo.InvariantCulture), double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));
        }),
    ]);

    /// <summary>What came after an earlier one.</summary>
    public Histogram Since(Histogram earlier) => new([.. Buckets.Zip(earlier.Buckets, (now, then) => (now.Bound, now.Count - then.Count))]);

    /// <summary>The least bound that a share of all is within.</summary>
    public double UpperBound(double share) => Buckets.First(bucket => bucket.Count >= share * Count).Bound;
}
