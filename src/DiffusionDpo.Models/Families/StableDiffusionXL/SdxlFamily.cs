using DiffusionDpo.Api.Options;
using DiffusionDpo.Models.Schedules;

namespace DiffusionDpo.Models.Families.StableDiffusionXL;

/// <summary>Stable Diffusion XL (Podell et al. 2023): the states of two text encoders, the pooled prompt of the second, and the image's sizes.</summary>
internal static class SdxlFamily
{
    public static readonly Family Values = new()
    {
        Key = "sdxl",
        Title = "Stable Diffusion XL",
        Name = ModelFamily.Sdxl,
        PipelineClass = "StableDiffusionXLPipeline",
        Predictions = [PredictionType.Epsilon, PredictionType.VPrediction],
        LoadText = SdxlTextConditioner.Load,
    };
}
