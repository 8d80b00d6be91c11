using DiffusionDpo.Data.Randomness;
using DiffusionDpo.Models.Schedules;
using DiffusionDpo.Models.UNets;
using DiffusionDpo.Training.Batches;
using DiffusionDpo.Training.Steps;
using Science.Statistics;
using TorchSharp;
using static TorchSharp.torch;

namespace Science.Mixtures;

/// <summary>What became of a policy.</summary>
/// <param name="Masses">Share of its samples at each mode.</param>
/// <param name="Astray">Share of its samples further than four deviations from every mode.</param>
/// <param name="Recovered">Implicit rewards of held-out samples with the mode of each.</param>
public sealed record RingOutcome(IReadOnlyList<double> Masses, double Astray, IReadOnlyList<RecoveredReward> Recovered)
{
    private const int HeldOutPerMode = 24, MeasuringDraws = 512;

    /// <summary>Trains a policy and measures it.</summary>
    public static RingOutcome Of(RingRun run, RingMixture mixture, NoiseSchedule schedule)
    {
        var pairs = new RingPairs(mixture, schedule) { Draws = run.Draws, UniformInLogRatio = run.UniformInLogRatio, Flips = run.Flips, Seed = run.Seed };
        using nn.Module<Tensor, Tensor, Conditioning, Tensor> policy = run.IsNetwork ? new RingPolicy(mixture, run.Seed) : new TiltedMixture(mixture);
        new RingTraining(pairs.Beta(run.Lambda), run.Steps, run.Pairs) { LearningRate = run.LearningRate }.Train(policy, mixture, pairs);
        return Of(policy, run, mixture, schedule);
    }

    /// <summary>Measures a policy as if it had come of a training.</summary>
    public static RingOutcome Of(nn.Module<Tensor, Tensor, Conditioning, Tensor> policy, RingRun run, RingMixture mixture, NoiseSchedule schedule)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        Tensor samples = RingSampler.Sample(policy, schedule, run.Samples, run.Seed);
        long[] modes = mixture.ModesOf(samples);
        double[] masses = [.. Enumerable.Range(0, RingMixture.Modes).Select(k => modes.Count(mode => mode == k) / (double)modes.Length)];
        double astray = mixture.DistancesOf(samples).gt(4).to(ScalarType.Float64).mean().item<double>();
        var asked = new RingPairs(mixture, schedule) { Draws = MeasuringDraws, UniformInLogRatio = run.UniformInLogRatio, Seed = run.Seed + 1_000_000 };
        return new(masses, astray, [.. Enumerable.Range(0, RingMixture.Modes).SelectMany(mode => Implicit(policy, run.Lambda, mode, mixture, asked))]);
    }

    /// <summary>Mass to be moved to other weights.</summary>
    public double DistanceTo(IReadOnlyList<double> weights) => Regression.TotalVariation(Masses, weights);

    /// <summary>Slope of ln mass on the reward: 1/λ at the optimum, 0 at the reference.</summary>
    public double Tilt => Regression.Slope(RingMixture.Rewards, [.. Masses.Select(mass => Math.Log(Math.Max(mass, 1e-4)))]);

    /// <summary>−½·β·(E_θ − E_ref) of held-out samples of a mode, averaged over timesteps and noise.</summary>
    private static IEnumerable<RecoveredReward> Implicit(
        nn.Module<Tensor, Tensor, Conditioning, Tensor> policy, double lambda, int mode, RingMixture mixture, RingPairs asked)
    {
        using DisposeScope scope = NewDisposeScope();
        using var reference = new TiltedMixture(mixture);
        var draws = new PairDraws(asked.Seed, [.. Enumerable.Range(0, HeldOutPerMode).Select(i => new PairPosition(mode, i))], CPU);
        Tensor clean = mixture.Sample(full([HeldOutPerMode], (long)mode, ScalarType.Int64), draws, DrawPurpose.Synthesis);
        DenoisingBatch batch = asked.Noisy(clean, mode, HeldOutPerMode);
        Tensor excess = DenoisingErrors.Of(policy, batch) - DenoisingErrors.Of(reference, batch);
        Tensor means = excess.view(HeldOutPerMode, MeasuringDraws).mean([1]);
        double scale = -0.5 * asked.Beta(lambda);
        return [.. means.to(ScalarType.Float64).data<double>().Select(value => new RecoveredReward(mode, scale * value))];
    }
}
