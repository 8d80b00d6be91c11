using DiffusionDpo.Api.Options;
using DiffusionDpo.Models.Schedules;

namespace DiffusionDpo.Models.Families.StableDiffusion2;

/// <summary>Stable Diffusion 2.x: text states of OpenCLIP ViT-H/14 without its last layer, prediction of the velocity (of the 512 pixel models: of the noise).</summary>
internal static class Sd21Family
{
    public static readonly Family Values = new()
    {
        Key = "sd21",
        Title = "Stable Diffusion 2.x",
        Name = ModelFamily.Sd21,
        PipelineClass = "StableDiffusionPipeline",
        Predictions = [PredictionType.VPrediction, PredictionType.Epsilon],
        LoadText = ClipTextConditioner.Load,
    };
}
