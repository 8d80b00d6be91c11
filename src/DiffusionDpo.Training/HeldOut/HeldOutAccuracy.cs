using DiffusionDpo.Data.Randomness;

namespace DiffusionDpo.Training.HeldOut;

/// <summary>
/// Implicit accuracy on pairs that are never trained on: the share of (pair, timestep) on which the policy agrees with the preference, ties
/// counted ½, with a 95 % interval.
/// </summary>
/// <remarks>
/// The interval is the percentile bootstrap over pairs: the timesteps of a pair depend on each other, so pairs are what is resampled. Where
/// policy and reference are the same everything is a tie, and the interval has no width.
/// </remarks>
/// <param name="Step">Optimizer steps done when it was measured.</param>
/// <param name="Pairs">Pairs measured.</param>
/// <param name="Accuracy">In [0, 1].</param>
/// <param name="Lower">Lower end of the interval.</param>
/// <param name="Upper">Upper end of the interval.</param>
public sealed record HeldOutAccuracy(int Step, int Pairs, double Accuracy, double Lower, double Upper)
{
    private const int Resamples = 2000;
    private const double Tail = 0.025;

    /// <summary>Mean and interval of the pairs' own accuracies.</summary>
    /// <param name="step">Optimizer steps done.</param>
    /// <param name="perPair">Each pair's share of agreement over its timesteps; at least one.</param>
    /// <param name="seed">The run's seed.</param>
    public static HeldOutAccuracy Of(int step, IReadOnlyList<double> perPair, long seed)
    {
        var random = new CounterRandom(seed, 0, 0, DrawPurpose.Bootstrap);
        var means = new double[Resamples];
        foreach (ref double mean in means.AsSpan())
        {
            for (int i = 0; i < perPair.Count; i++) mean += perPair[random.NextInt(perPair.Count)];
            mean /= perPair.Count;
        }

        Array.Sort(means);
        int cut = (int)(Tail * Resamples);
        return new(step, perPair.Count, perPair.Average(), means[cut], means[^(cut + 1)]);
    }
}
