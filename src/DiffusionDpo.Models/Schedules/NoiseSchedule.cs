using DiffusionDpo.Api.Failures;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Schedules;

/// <summary>
/// The forward process q(x_t | x_0) = N(√ᾱ_t·x_0, (1 − ᾱ_t)·I) (Ho et al. 2020, eq. 4) for timesteps t = 0 … T − 1. The tables are float32
/// in the operations of the Python reference, so that they are its numbers: β interpolated, ᾱ the running product of 1 − β.
/// </summary>
public sealed class NoiseSchedule : IDisposable
{
    private static readonly Scalar One = 1.0;

    private readonly Tensor signalShare; // ᾱ, [T] float32

    /// <summary>Computes the tables.</summary>
    /// <param name="config">The model's scheduler configuration.</param>
    /// <param name="device">Where noise will be added; null: the CPU.</param>
    public NoiseSchedule(SchedulerConfig config, Device? device = null)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        Tensor betas = Interpolate(config);
        Tensor alphasCumprod = (One - betas).cumprod(0);
        Config = config;
        Betas = betas.data<float>().ToArray();
        AlphasCumprod = alphasCumprod.data<float>().ToArray();
        Sigmas = ((One - alphasCumprod) / alphasCumprod).sqrt().data<float>().ToArray();
        signalShare = alphasCumprod.to(device ?? CPU).DetachFromDisposeScope();
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

    /// <inheritdoc/>
    public void Dispose() => signalShare.Dispose();

    // √ᾱ_t and √(1 − ᾱ_t) per row, shaped to multiply the latents; the float32 table is widened before the arithmetic
    private (Tensor Signal, Tensor Deviation) Factors(Tensor latents, Tensor timesteps)
    {
        long[] perRow = [timesteps.numel(), .. Enumerable.Repeat(1L, (int)latents.dim() - 1)];
        Tensor alphas = signalShare.index_select(0, timesteps).to(latents.dtype).view(perRow);
        return (alphas.sqrt(), (One - alphas).sqrt());
    }

    private static Tensor Interpolate(SchedulerConfig config) => config.BetaSchedule switch
    {
        BetaSchedule.Linear => linspace(config.BetaStart, config.BetaEnd, config.NumTrainTimesteps, ScalarType.Float32),
        BetaSchedule.ScaledLinear =>
            linspace(Math.Sqrt(config.BetaStart), Math.Sqrt(config.BetaEnd), config.NumTrainTimesteps, ScalarType.Float32).square(),
        _ => throw new ArgumentOutOfRangeException(nameof(config), config.BetaSchedule, "not a beta schedule"),
    };
}
