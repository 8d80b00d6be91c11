using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Schedules;

/// <summary>
/// Euler's method on the probability-flow ODE in σ (Karras et al. 2022, algorithm 2 without churn). The latents are x_0 + σ·ε; noise levels
/// between training timesteps are interpolated, and the last step ends at σ = 0.
/// </summary>
internal sealed class EulerSampler : ISampler
{
    private readonly float[] timesteps;
    private readonly float[] sigmas; // one more than timesteps

    public EulerSampler(NoiseSchedule schedule, int steps)
    {
        TimestepSpacing spacing = schedule.Config.TimestepSpacing ?? TimestepSpacing.Linspace;
        timesteps = Array.ConvertAll(SampleTimesteps.Real(schedule, spacing, steps), timestep => (float)timestep);
        sigmas = [.. timesteps.Select(timestep => Interpolate(schedule.Sigmas, timestep)), 0];
        // leading spacing starts below the last noise level, so the signal's share (variance 1) is added
        InitNoiseSigma = spacing == TimestepSpacing.Linspace ? sigmas[0] : InputScale(0);
    }

    public IReadOnlyList<float> Timesteps => timesteps;

    public float InitNoiseSigma { get; }

    /// <summary>σ before each step, and 0 after the last.</summary>
    public IReadOnlyList<float> Sigmas => sigmas;

    public Tensor ScaleInput(Tensor latents, int step) => latents / InputScale(step);

    public float AlphaAt(int step) => 1 / (sigmas[step] * sigmas[step] + 1);

    public Tensor Step(Tensor prediction, Tensor latents, int step)
    {
        using DisposeScope scope = NewDisposeScope();
        return (latents + prediction * (sigmas[step + 1] - sigmas[step])).MoveToOuterDisposeScope();
    }

    private float InputScale(int step) => MathF.Sqrt(sigmas[step] * sigmas[step] + 1);

    private static float Interpolate(IReadOnlyList<float> table, float at)
    {
        int below = Math.Min((int)at, table.Count - 1), above = Math.Min(below + 1, table.Count - 1);
        return (float)(table[below] + (at - below) * ((double)table[above] - table[below]));
    }
}
