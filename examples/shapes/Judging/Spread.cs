namespace Shapes.Judging;

/// <summary>Mean of some values of a normal variable, with the 95 % interval of Student's t.</summary>
/// <param name="Mean">The mean.</param>
/// <param name="Deviation">The standard deviation of a value.</param>
/// <param name="Low">Lower end of the mean's interval.</param>
/// <param name="High">Upper end.</param>
internal sealed record Spread(double Mean, double Deviation, double Low, double High)
{
    // 97.5 % quantiles for 1, 2, … degrees of freedom.
    private static readonly double[] s_quantiles = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262];

    /// <summary>Of two to ten values.</summary>
    public static Spread Of(IReadOnlyList<double> values)
    {
        double mean = values.Average(), deviation = Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Count - 1));
        double reach = s_quantiles[values.Count - 2] * deviation / Math.Sqrt(values.Count);
        return new(mean, deviation, mean - reach, mean + reach);
    }
}
