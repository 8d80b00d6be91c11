using DiffusionDpo.Api.Options;

namespace DiffusionDpo.Api.Presets;

/// <summary>
/// The numbers as printed in Wallace et al. 2023, section 5.1 and appendix. The learning rate is a thousand times smaller than the one
/// in the authors' code, probably by a slip: with AdamW the weights hardly move.
/// </summary>
internal static class PaperPreset
{
    public static readonly Preset Values = new()
    {
        Name = PresetName.Paper,
        Beta = family => family == ModelFamily.Sdxl ? 5000 : 2000,
        LearningRate = run => 2.048e-8 * (2000 / run.Beta),
        WarmupSteps = run => run.Steps / 4,
        Optimizer = family => family == ModelFamily.Sdxl ? OptimizerType.Adafactor : OptimizerType.AdamW,
        MaxGradNorm = 0,
        EmptyPromptProportion = 0,
        Flip = FlipMode.Pair,
        Precision = Precision.Float32,
    };
}
