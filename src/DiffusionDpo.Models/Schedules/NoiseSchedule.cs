using DiffusionDpo.Api.Failures;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Schedules;

/// <summary>
/// The forward process q(x_t | x_0) = N(√ᾱ_t·x_0, (1 − ᾱ_t)·I) (Ho et al. 2020, eq. 4) for timesteps t = 0 … T − 1. The tables are float32
/// in the rounding steps of the Python reference, written out here, so that they are its numbers on every platform.
/// </summary>
public sealed class NoiseSchedule : IDisposable
{
    private static readonly Scalar One = 1.0;

    private readonly Tensor alphasCumprod; // [T], float32

    /// <summary>Computes the tables.</summary>
    /// <param name="config">The model's scheduler configuration.</param>
    /// <param name="device">Where noise will be added; null: the CPU.</param>
    public NoiseSchedule(SchedulerConfig config, Device? device = null)
    {
        Config = config;
        float[] betas = Interpolate(config), alphas = RunningProduct(betas);
        (Betas, AlphasCumprod) = (betas, alphas);
        Sigmas = Array.ConvertAll(alphas, alpha => MathF.Sqrt((1 - alpha) / alpha));
        alphasCumprod = tensor(alphas, device: device).DetachFromDisposeScope();
    }

    /// <summary>The configuration it was computed from.</summary>
    public SchedulerConfig Config { get; }

    /// <summary>T: a training timestep is one of 0 … T − 1.</summary>
    public int TrainingTimesteps => Config.NumTrainTimesteps;

    /// <summary>β_t, the variance of the noise that timestep t adds.</summary>
    public IReadOnlyList<float> Betas { get; }

    /// <summary>ᾱ_t, the share of the signal in the variance of x_t.</summary>
    public IReadOnlyList<float> AlphasCumprod { get; }

    /// <summary>σ_t = √((1 − ᾱ_t)/ᾱ_t), the noise level where the signal is not scaled down (Karras et al. 2022), as Euler's sampler has it.</summary>
    public IReadOnlyList<float> Sigmas { get; }

    /// <summary>Reads a model's scheduler configuration and computes the tables.</summary>
    /// <param name="modelDirectory">A model in diffusers layout.</param>
    /// <param name="device">Where noise will be added; null: the CPU.</param>
    /// <exception cref="RunException">The configuration is missing, malformed or not supported.</exception>
    public static NoiseSchedule Load(string modelDirectory, Device? device = null) =>
        new(SchedulerConfig.FromFile(Path.Combine(modelDirectory, "scheduler", "scheduler_config.json")), device);

    /// <summary>x_t = √ᾱ_t·x_0 + √(1 − ᾱ_t)·ε, in the type of the latents.</summary>
    /// <param name="latents">Clean latents x_0, n × …</param>
    /// <param name="noise">ε, of the same shape.</param>
    /// <param name="timesteps">t, n integers on the schedule's device.</param>
    public Tensor AddNoise(Tensor latents, Tensor noise, Tensor timesteps)
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor signal, Tensor deviation) = Factors(latents, timesteps);
        return (signal * latents + deviation * noise).MoveToOuterDisposeScope();
    }

    /// <summary>v = √ᾱ_t·ε − √(1 − ᾱ_t)·x_0 (Salimans and Ho 2022), in the type of the latents.</summary>
    /// <param name="latents">Clean latents x_0, n × …</param>
    /// <param name="noise">ε, of the same shape.</param>
    /// <param name="timesteps">t, n integers on the schedule's device.</param>
    public Tensor Velocity(Tensor latents, Tensor noise, Tensor timesteps)
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor signal, Tensor deviation) = Factors(latents, timesteps);
        return (signal * noise - deviation * latents).MoveToOuterDisposeScope();
    }

    /// <summary>What the network is to predict of noisy latents: ε or v, whichever it was made for. New or <paramref name="noise"/> itself.</summary>
    /// <param name="latents">Clean latents x_0, n × …</param>
    /// <param name="noise">ε, of the same shape.</param>
    /// <param name="timesteps">t, n integers on the schedule's device.</param>
    public Tensor Target(Tensor latents, Tensor noise, Tensor timesteps) =>
        Config.PredictionType == PredictionType.VPrediction ? Velocity(latents, noise, timesteps) : noise;

    /// <summary>The noise that a prediction means: itself, or of a velocity ε = √ᾱ·v + √(1 − ᾱ)·x_t.</summary>
    /// <param name="prediction">What the network gave, n × …</param>
    /// <param name="noisy">x_t as the network saw it, of variance about 1.</param>
    /// <param name="alpha">ᾱ of x_t.</param>
    internal Tensor NoiseOf(Tensor prediction, Tensor noisy, float alpha)
    {
        if (Config.PredictionType == PredictionType.Epsilon) return prediction;
        using Scalar signal = MathF.Sqrt(alpha), deviation = MathF.Sqrt(1 - alpha);
        return (prediction * signal).add_(noisy, deviation);
    }

    /// <summary>SNR = ᾱ_t/(1 − ᾱ_t) of each row [n], float64.</summary>
    /// <param name="timesteps">t, n integers on the schedule's device.</param>
    public Tensor SignalToNoise(Tensor timesteps)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor alphas = alphasCumprod.index_select(0, timesteps).to(ScalarType.Float64);
        return (alphas / (One - alphas)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose() => alphasCumprod.Dispose();

    // √ᾱ_t and √(1 − ᾱ_t) per row, shaped to multiply the latents; the float32 table is widened before the arithmetic
    private (Tensor Signal, Tensor Deviation) Factors(Tensor latents, Tensor timesteps)
    {
        long[] perRow = [timesteps.numel(), .. Enumerable.Repeat(1L, (int)latents.dim() - 1)];
        Tensor alphas = alphasCumprod.index_select(0, timesteps).to(latents.dtype).view(perRow);
        return (alphas.sqrt(), (One - alphas).sqrt());
    }

    private static float[] Interpolate(SchedulerConfig config)
    {
        if (config.BetaSchedule == BetaSchedule.Linear) return Linspace(config.BetaStart, config.BetaEnd, config.NumTrainTimesteps);
        float[] roots = Linspace(Math.Sqrt(config.BetaStart), Math.Sqrt(config.BetaEnd), config.NumTrainTimesteps);
        return Array.ConvertAll(roots, root => root * root);
    }

    // as torch.linspace: from the start in the first half, from the end in the second, with fused multiply-add
    private static float[] Linspace(double from, double to, int count)
    {
        float start = (float)from, end = (float)to, step = (end - start) / (count - 1);
        var values = new float[count];
        for (int i = 0; i < count; i++)
            values[i] = i < count / 2 ? MathF.FusedMultiplyAdd(step, i, start) : MathF.FusedMultiplyAdd(-step, count - 1 - i, end);
        return values;
    }

    // as torch.cumprod: accumulated in float64, rounded at each timestep
    private static float[] RunningProduct(float[] betas)
    {
        var products = new float[betas.Length];
        double product = 1;
        for (int timestep = 0; timestep < betas.Length; timestep++)
        {
            product *= 1 - betas[timestep]; // the difference is float32
            products[timestep] = (float)product;
        }

        return products;
    }
}
