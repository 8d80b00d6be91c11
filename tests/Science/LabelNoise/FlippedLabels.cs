using Science.Mixtures;

namespace Science.LabelNoise;

/// <summary>
/// What flips leave of the reward. A pair's first is preferred with probability q = f + (1 − 2f)·σ(Δr), which no rewards of single items give
/// exactly; the optimum of the loss are those scores s whose σ(Δs) fits q best over all pairs, and the policy's weights are ∝ exp(s/λ).
/// </summary>
public static class FlippedLabels
{
    /// <summary>The scores of the modes, with mean 0: gradient descent on the convex cross-entropy of the population.</summary>
    public static double[] Scores(double flips)
    {
        var scores = new double[RingMixture.Modes];
        for (int step = 0; step < 2000; step++)
        {
            double[] slopes = [.. scores.Select((own, i) => scores.Select((other, j) => Sigmoid(own - other) - Preferred(i, j, flips)).Average())];
            for (int i = 0; i < scores.Length; i++) scores[i] -= 2 * slopes[i];
        }

        return scores;
    }

    /// <summary>The weights of the optimum.</summary>
    public static double[] Weights(double flips, double lambda)
    {
        double[] raw = [.. Scores(flips).Select(score => Math.Exp(score / lambda))];
        return [.. raw.Select(each => each / raw.Sum())];
    }

    private static double Preferred(int i, int j, double flips) => flips + ((1 - (2 * flips)) * Sigmoid(RingMixture.Rewards[i] - RingMixture.Rewards[j]));

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));
}
