using DiffusionDpo.Api.Failures;
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
    /// <summary>Refuses a refiner whose latents or noise levels are not those of the base model.</summary>
    /// <exception cref="RunException">Configuration error: they differ.</exception>
    internal void RefuseUnlessFor(StableDiffusionPipeline first)
    {
        bool sameLatents = Model.Autoencoder.LatentChannels == first.Autoencoder.LatentChannels && Model.Autoencoder.ScalingFactor == first.Autoencoder.ScalingFactor;
        if (sameLatents && Model.Schedule.AlphasCumprod.SequenceEqual(first.Schedule.AlphasCumprod)) return;
        throw new RunException(
            ExitClass.ConfigurationError, $"a {Model.Family.Title} cannot refine what a {first.Family.Title} draws: autoencoder or noise schedule differ; give the refiner of the same models");
    }

    /// <summary>The refiner is asked at timesteps below this one.</summary>
    internal double FirstTimestep(NoiseSchedule schedule) => Math.Round(schedule.TrainingTimesteps * (1 - Start));
}
