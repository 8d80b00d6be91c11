using DiffusionDpo.Data.Randomness;
using DiffusionDpo.Models.Schedules;
using DiffusionDpo.Training.Batches;
using TorchSharp;
using static TorchSharp.torch;

namespace Science.Mixtures;

/// <summary>
/// Equal Gaussians on a ring in two dimensions, each with a reward of its own. Everything that a trained model is compared with is known: noise
/// predictions, also those of the mixture whose weights are tilted by the reward, need no network.
/// </summary>
public sealed class RingMixture
{
    public const int Modes = 8;
    public const double Radius = 1.4, Deviation = 0.14;

    /// <summary>From −1 to 1, neighbours on the ring far apart in reward.</summary>
    public static readonly IReadOnlyList<double> Rewards = [.. new[] { 0, 5, 2, 7, 1, 4, 6, 3 }.Select(rank => ((2.0 * rank) - 7) / 7)];

    private static readonly Scalar s_deviation = Deviation;

    private readonly Tensor centres; // [8, 2]
    private readonly Tensor signals, pulls, gains; // by timestep [T, 1]: √ᾱ, √ᾱ/v, σ/v with v = ᾱs² + σ²

    public RingMixture(NoiseSchedule schedule)
    {
        centres = tensor(Enumerable.Range(0, Modes).SelectMany(k => new[] { Angle(k, Math.Cos), Angle(k, Math.Sin) }).ToArray(), ScalarType.Float32)
            .view(Modes, 2).DetachFromDisposeScope();
        signals = ByTimestep(schedule, (alpha, _) => Math.Sqrt(alpha));
        pulls = ByTimestep(schedule, (alpha, variance) => Math.Sqrt(alpha) / variance);
        gains = ByTimestep(schedule, (alpha, variance) => Math.Sqrt(1 - alpha) / variance);
        LogRatios = [.. schedule.AlphasCumprod.Select(alpha => Math.Log(alpha / (1.0 - alpha)))];
    }

    /// <summary>ln of the signal-to-noise ratio ᾱ/(1 − ᾱ) of each timestep.</summary>
    public IReadOnlyList<double> LogRatios { get; }

    /// <summary>The weights of the exact optimum p ∝ p_ref·exp(r/λ).</summary>
    public static double[] TiltedWeights(double lambda)
    {
        double[] raw = [.. Rewards.Select(reward => Math.Exp(reward / lambda))];
        return [.. raw.Select(each => each / raw.Sum())];
    }

    /// <summary>Clean samples [n, 2, 1, 1] of given modes.</summary>
    public Tensor Sample(Tensor modes, PairDraws draws, DrawPurpose purpose) =>
        (centres.index_select(0, modes) + (draws.Normal(purpose, [2], ScalarType.Float32) * s_deviation)).view(-1, 2, 1, 1);

    /// <summary>The nearest mode of each sample.</summary>
    public long[] ModesOf(Tensor samples) => [.. cdist(samples.view(-1, 2), centres).argmin(1).data<long>()];

    /// <summary>Distance to the nearest mode over its deviation, of each sample.</summary>
    public Tensor DistancesOf(Tensor samples) => cdist(samples.view(-1, 2), centres).amin([1]) / s_deviation;

    /// <summary>E[ε | x_t] for the mixture with weights ∝ exp(logWeights): (x_t − √ᾱ·E[m_k | x_t])·σ/v.</summary>
    /// <param name="noisy">x_t [n, 2, 1, 1].</param>
    /// <param name="timesteps">[n].</param>
    /// <param name="logWeights">[8].</param>
    public Tensor Noise(Tensor noisy, Tensor timesteps, Tensor logWeights)
    {
        Tensor points = noisy.view(-1, 2), at = timesteps.to(ScalarType.Int64);
        Tensor scores = (points.mm(centres.t()) * pulls.index_select(0, at)) + logWeights; // all centres are equally far from 0: their squares cancel
        Tensor mean = scores.softmax(1).mm(centres) * signals.index_select(0, at);
        return ((points - mean) * gains.index_select(0, at)).view_as(noisy);
    }

    private static double Angle(int mode, Func<double, double> part) => Radius * part(2 * Math.PI * mode / Modes);

    private static Tensor ByTimestep(NoiseSchedule schedule, Func<double, double, double> of) =>
        tensor(schedule.AlphasCumprod.Select(alpha => of(alpha, (alpha * Deviation * Deviation) + (1 - alpha))).ToArray(), ScalarType.Float32)
            .view(-1, 1).DetachFromDisposeScope();
}
