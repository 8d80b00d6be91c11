namespace DiffusionDpo.Models.Schedules;

/// <summary>What DDIM and PNDM share: a step leads from a training timestep to the one a fixed stride below it.</summary>
internal sealed class DiscreteTrajectory(NoiseSchedule schedule, int steps, bool endsAtOne)
{
    /// <summary>Training timesteps per step.</summary>
    public int Stride { get; } = schedule.TrainingTimesteps / steps;

    /// <summary>ᾱ at a timestep; below timestep 0 that of clean latents.</summary>
    public float AlphaAt(int timestep) => timestep >= 0 ? schedule.AlphasCumprod[timestep] : endsAtOne ? 1 : schedule.AlphasCumprod[0];
}
