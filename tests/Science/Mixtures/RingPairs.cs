using DiffusionDpo.Data.Randomness;
using DiffusionDpo.Models.Schedules;
using DiffusionDpo.Training.Batches;
using static TorchSharp.torch;

namespace Science.Mixtures;

/// <summary>Labelled pairs of the mixture and the noise that they are asked with; every number is a function of the seed and its place.</summary>
public sealed class RingPairs
{
    private readonly RingMixture mixture;
    private readonly NoiseSchedule schedule;
    private readonly double[] timestepLimits; // cumulative shares of the range of the log ratio

    public RingPairs(RingMixture mixture, NoiseSchedule schedule)
    {
        (this.mixture, this.schedule) = (mixture, schedule);
        IReadOnlyList<double> ratios = mixture.LogRatios;
        Range = ratios[0] - ratios[^1];
        timestepLimits = [.. ratios.Select((_, t) => (ratios[0] - ((ratios[t] + ratios[Math.Min(t + 1, ratios.Count - 1)]) / 2)) / Range)];
    }

    /// <summary>Λ: ln SNR at t = 0 minus that at the last timestep.</summary>
    public double Range { get; }

    /// <summary>Draws of (t, ε) of each pair.</summary>
    public int Draws { get; init; } = 1;

    /// <summary>Timesteps uniform in ln SNR, which is the weighting of the likelihood's bound; else uniform, as the product trains.</summary>
    public bool UniformInLogRatio { get; init; }

    /// <summary>Share of the labels that are flipped; ½: the labels say nothing.</summary>
    public double Flips { get; init; }

    public long Seed { get; init; }

    /// <summary>KL weight λ of the tilted optimum that β stands for: the reward over it is the log-likelihood ratio.</summary>
    public double Lambda(double beta) => beta / (Range * 2);

    /// <summary>β of a KL weight.</summary>
    public double Beta(double lambda) => lambda * Range * 2;

    /// <summary>A batch of labelled pairs.</summary>
    public DenoisingBatch Batch(long step, int pairs) => Batch(step, pairs, out _);

    /// <summary>A batch of labelled pairs, with the winner's reward minus the loser's.</summary>
    public DenoisingBatch Batch(long step, int pairs, out double[] margins)
    {
        margins = new double[pairs];
        var first = new long[pairs];
        var second = new long[pairs];
        for (int i = 0; i < pairs; i++)
        {
            var numbers = new CounterRandom(Seed, step, i, DrawPurpose.Synthesis);
            (first[i], second[i]) = (numbers.NextInt(RingMixture.Modes), numbers.NextInt(RingMixture.Modes));
            double margin = RingMixture.Rewards[(int)first[i]] - RingMixture.Rewards[(int)second[i]];
            bool firstWins = numbers.NextDouble() < 1 / (1 + Math.Exp(-margin));
            if (numbers.NextDouble() < Flips) firstWins = !firstWins;
            if (!firstWins) (first[i], second[i]) = (second[i], first[i]);
            margins[i] = firstWins ? margin : -margin;
        }

        PairDraws draws = At(step, pairs);
        Tensor winners = mixture.Sample(tensor(first), draws, DrawPurpose.WinnerPosterior), losers = mixture.Sample(tensor(second), draws, DrawPurpose.LoserPosterior);
        return Noisy(cat([winners, losers]), step, pairs);
    }

    /// <summary>Clean samples [n or 2n, 2, 1, 1] asked with drawn noise; rows of a sample follow each other.</summary>
    public DenoisingBatch Noisy(Tensor clean, long step, int pairs)
    {
        int rows = pairs * Draws;
        PairDraws draws = At(step, rows);
        Tensor noise = draws.Normal(DrawPurpose.Noise, [2, 1, 1], ScalarType.Float32);
        Tensor timesteps = UniformInLogRatio ? InLogRatio(step, rows) : draws.Timesteps(schedule.TrainingTimesteps);
        return DenoisingBatch.Of(schedule, clean.repeat_interleave(Draws, 0), new(noise, timesteps), new(zeros(clean.shape[0] * Draws, 1, 1)), ones(rows));
    }

    private PairDraws At(long step, int rows) => new(Seed, [.. Enumerable.Range(0, rows).Select(row => new PairPosition(step, row))], CPU);

    /// <summary>Stratified over the draws of a pair.</summary>
    private Tensor InLogRatio(long step, int rows)
    {
        var timesteps = new long[rows];
        for (int row = 0; row < rows; row++)
        {
            double share = ((row % Draws) + new CounterRandom(Seed, step, row, DrawPurpose.Timestep).NextDouble()) / Draws;
            int at = Array.BinarySearch(timestepLimits, share);
            timesteps[row] = Math.Min(at < 0 ? ~at : at, timestepLimits.Length - 1);
        }

        return tensor(timesteps);
    }
}
