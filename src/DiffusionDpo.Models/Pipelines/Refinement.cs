using DiffusionDpo.Models.Schedules;

namespace DiffusionDpo.Models.Pipelines;

/// <summary>
/// An ensemble of two denoisers (Podell et al. 2023, section 2.5): the base model draws from pure noise, a refiner that knows small noise levels
/// takes the last steps of the same trajectory.
/// </summary>
/// <param name="Model">The refiner; its latents are the base model's.</param>
/// <param name="Start">Share of the noise levels that the base model does, in [0, 1]; SDXL's is 0.8.</param>
public sealed record Refinement(StableDiffusionPipeline Model, double Start = 0.8)
{
    /// <summary>The refiner is asked at timesteps below this one.</summary>
    internal double FirstTimestep(NoiseSchedule schedule) => Math.Round(schedule.TrainingTimesteps * (1 - Start));
}
