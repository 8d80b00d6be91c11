using DiffusionDpo.Api.Options;
using DiffusionDpo.Models.Schedules;

namespace DiffusionDpo.Models.Families.StableDiffusion1;

/// <summary>Stable Diffusion 1.x (Rombach et al. 2022): CLIP ViT-L/14's text states, prediction of the noise.</summary>
internal static class Sd15Family
{
    public static readonly Family Values = new()
    {
        Key = "sd15",
        Title = "Stable Diffusion 1.x",
        Name = ModelFamily.Sd15,
        PipelineClass = "StableDiffusionPipeline",
        Predictions = [PredictionType.Epsilon],
        LoadText = ClipTextConditioner.Load,
    };
}
