using DiffusionDpo.Api.Options;

namespace DiffusionDpo.Api.Presets;

/// <summary>
/// The numbers in the code that the paper's authors published: a rate of 1e-8 per pair of the batch, captions dropped, flips per image.
/// </summary>
internal static class SalesforcePreset
{
    public static readonly Preset Values = new()
    {
        Name = PresetName.Salesforce,
        Beta = _ => 5000,
        LearningRate = run => 1e-8 * run.GlobalBatch,
        WarmupSteps = run => Math.Min(run.Family == ModelFamily.Sdxl ? 200 : 500, run.Steps),
        Optimizer = family => family == ModelFamily.Sdxl ? OptimizerType.Adafactor : OptimizerType.AdamW,
        MaxGradNorm = 1,
        EmptyPromptProportion = 0.2,
        Flip = FlipMode.Image,
        Precision = Precision.Float32,
    };
}
