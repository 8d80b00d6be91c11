namespace Science.Statistics;

/// <summary>Relations of two lists of numbers.</summary>
public static class Regression
{
    /// <summary>Slope of y on x, least squares with an intercept.</summary>
    public static double Slope(IReadOnlyList<double> x, IReadOnlyList<double> y) => Covariance(x, y) / Covariance(x, x);

    /// <summary>Spearman's rank correlation; equal values share their mean rank.</summary>
    public static double Spearman(IReadOnlyList<double> x, IReadOnlyList<double> y) =>
        Correlation(Ranks(x), Ranks(y));

    /// <summary>Pearson's correlation.</summary>
    public static double Correlation(IReadOnlyList<double> x, IReadOnlyList<double> y) => Covariance(x, y) / Math.Sqrt(Covariance(x, x) * Covariance(y, y));

    /// <summary>Half the sum of differences: the share of mass that has to be moved.</summary>
    public static double TotalVariation(IReadOnlyList<double> p, IReadOnlyList<double> q) => p.Zip(q, (a, b) => Math.Abs(a - b)).Sum() / 2;

    private static double Covariance(IReadOnlyList<double> x, IReadOnlyList<double> y)
    {
        double meanX = x.Average(), meanY = y.Average();
        return x.Zip(y, (a, b) => (a - meanX) * (b - meanY)).Sum() / x.Count;
    }

    private static double[] Ranks(IReadOnlyList<double> values)
    {
        var ranks = new double[values.Count];
        int[] order = [.. Enumerable.Range(0, values.Count).OrderBy(i => values[i])];
        for (int first = 0; first < order.Length;)
        {
            int last = first;
            while (last + 1 < order.Length && values[order[last + 1]] == values[order[first]]) last++;
            for (int at = first; at <= last; at++) ranks[order[at]] = (first + last) / 2.0;
            first = last + 1;
        }

        return ranks;
    }
}
