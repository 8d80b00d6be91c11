using DiffusionDpo.Api.Options;

namespace DiffusionDpo.Api.Presets;

/// <summary>
/// Our defaults: the authors' β, optimizer and clipping; their learning rate scaled by the paper's rule 2000/β and linearly with the
/// batch, ten times as high for adapters; the paper's warm-up; networks in bf16.
/// </summary>
internal static class RecommendedPreset
{
    /// <summary>Adapters want about ten times the rate of all weights, at any rank (Schulman et al. 2025, "LoRA Without Regret").</summary>
    private const double AdapterRate = 10;

    public static readonly Preset Values = new()
    {
        Name = PresetName.Recommended,
        Beta = _ => 5000,
        LearningRate = run => 2.048e-5 * (2000 / run.Beta) * run.GlobalBatch / 2048 * (run.Adapter == AdapterType.Lora ? AdapterRate : 1),
        WarmupSteps = run => run.Steps / 4,
        Optimizer = _ => OptimizerType.AdamW,
        MaxGradNorm = 1,
        EmptyPromptProportion = 0,
        Flip = FlipMode.Pair,
        MicroConditioning = MicroConditioning.Original,
        Precision = Precision.BFloat16,
    };
}
