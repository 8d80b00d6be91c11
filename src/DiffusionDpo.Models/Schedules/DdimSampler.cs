using DiffusionDpo.Models.Configuration;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Schedules;

/// <summary>DDIM with η = 0 (Song et al. 2021, eq. 12): deterministic, one evaluation per step.</summary>
internal sealed class DdimSampler : ISampler
{
    private readonly DiscreteTrajectory trajectory;
    private readonly int[] timesteps;

    public DdimSampler(NoiseSchedule schedule, int steps)
    {
        SchedulerConfig config = schedule.Config;
        ModelConfigJson.Require(config.ClipSample is false, config.Place, "clip_sample", config.ClipSample, "the ddim sampler needs false");
        timesteps = SampleTimesteps.Whole(schedule, config.TimestepSpacing ?? TimestepSpacing.Leading, steps);
        Timesteps = Array.ConvertAll(timesteps, timestep => (float)timestep);
        trajectory = new DiscreteTrajectory(schedule, steps, endsAtOne: config.SetAlphaToOne ?? true);
    }

    public IReadOnlyList<float> Timesteps { get; }

    public float InitNoiseSigma => 1;

    public Tensor ScaleInput(Tensor latents, int step) => latents;

    public float AlphaAt(int step) => trajectory.AlphaAt(timesteps[step]);

    public Tensor Step(Tensor prediction, Tensor latents, int step)
    {
        using DisposeScope scope = NewDisposeScope();
        float alpha = trajectory.AlphaAt(timesteps[step]);
        float next = trajectory.AlphaAt(timesteps[step] - trajectory.Stride);
        using Scalar signal = MathF.Sqrt(alpha), noise = MathF.Sqrt(1 - alpha), nextSignal = MathF.Sqrt(next), nextNoise = MathF.Sqrt(1 - next);
        Tensor clean = (latents - prediction * noise) / signal;
        return (clean * nextSignal + prediction * nextNoise).MoveToOuterDisposeScope();
    }
}
