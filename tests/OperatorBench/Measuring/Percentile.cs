namespace OperatorBench.Measuring;

internal static class Percentile
{
    /// <summary>The smallest value that this share of all does not exceed.</summary>
    public static double Of(IReadOnlyList<double> values, double share)
    {
        double[] sorted = [.. values.Order()];
        return sorted[Math.Max(0, (int)Math.Ceiling(share * sorted.Length) - 1)];
    }
}
