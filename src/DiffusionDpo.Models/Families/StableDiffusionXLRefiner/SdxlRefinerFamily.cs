using DiffusionDpo.Models.Families.StableDiffusionXL;
using DiffusionDpo.Models.Schedules;

namespace DiffusionDpo.Models.Families.StableDiffusionXLRefiner;

/// <summary>
/// The refiner of SDXL, which takes the last steps over from the base model: the second text encoder alone, and an aesthetic score in place of
/// the target size.
/// </summary>
internal static class SdxlRefinerFamily
{
    // what diffusers' pipeline tells it
    private const float WantedAesthetics = 6;
    private const float AvoidedAesthetics = 2.5f;

    public static readonly Family Values = new()
    {
        Key = "sdxl-refiner",
        Title = "Stable Diffusion XL refiner",
        Name = null,
        PipelineClass = "StableDiffusionXLImg2ImgPipeline",
        Predictions = [PredictionType.Epsilon],
        LoadText = loader => new SdxlTextConditioner(
            [(loader.Tokenizer("tokenizer_2"), loader.TextEncoder("text_encoder_2"))],
            (sizes, isAvoided) => [sizes.OriginalHeight, sizes.OriginalWidth, sizes.CropTop, sizes.CropLeft, isAvoided ? AvoidedAesthetics : WantedAesthetics],
            SdxlTextConditioner.SaysZeros(loader.Model)),
    };
}
