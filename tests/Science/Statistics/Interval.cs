namespace Science.Statistics;

/// <summary>A number with its 95 % interval.</summary>
public readonly record struct Interval(double Value, double Low, double High)
{
    // 97.5 % quantile of Student's t by degrees of freedom, from 1
    private static readonly double[] s_student = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262];

    /// <summary>The mean of independent repetitions (seeds): Student's t.</summary>
    public static Interval OfRepetitions(IReadOnlyList<double> values)
    {
        double mean = values.Average(), half = 0;
        if (values.Count > 1)
        {
            double variance = values.Sum(value => (value - mean) * (value - mean)) / (values.Count - 1);
            half = s_student[Math.Min(values.Count - 1, s_student.Length) - 1] * Math.Sqrt(variance / values.Count);
        }

        return new(mean, mean - half, mean + half);
    }

    /// <summary>A statistic of n independent items: percentiles of 1,000 bootstrap resamples.</summary>
    public static Interval Bootstrap(int items, Func<int[], double> statistic, long seed)
    {
        const int resamples = 1000;
        var numbers = new DiffusionDpo.Data.Randomness.CounterRandom(seed, 0, 0, DiffusionDpo.Data.Randomness.DrawPurpose.Bootstrap);
        double[] drawn = [.. Enumerable.Range(0, resamples).Select(_ => statistic([.. Enumerable.Range(0, items).Select(_ => numbers.NextInt(items))])).Order()];
        return new(statistic([.. Enumerable.Range(0, items)]), drawn[(int)(0.025 * resamples)], drawn[(int)(0.975 * resamples)]);
    }

    public bool Contains(double value) => Low <= value && value <= High;

    public override string ToString() => ToString("F3");

    /// <summary>"0.123 [0.120, 0.126]".</summary>
    public string ToString(string format) => $"{Value.ToString(format)} [{Low.ToString(format)}, {High.ToString(format)}]";
}
