using DiffusionDpo.Api.Options;

namespace DiffusionDpo.Api.Presets;

/// <summary>Fills every member that a fine-tune leaves open. What the user set always wins.</summary>
internal static class PresetResolution
{
    /// <summary>The pairs' preparation with every number and the cache's place set.</summary>
    public static DataOptions Resolve(this DataOptions data, Preset preset, ModelFamily family, OutputOptions output) => data with
    {
        Resolution = data.Resolution ?? preset.Resolution(family),
        Crop = data.Crop ?? preset.Crop,
        Cache = CacheOf(data, preset),
        Flip = data.Flip ?? preset.Flip,
        EmptyPromptProportion = data.EmptyPromptProportion ?? preset.EmptyPromptProportion,
        CacheUri = data.CacheUri ?? $"{output.Uri.TrimEnd('/')}/cache",
    };

    /// <summary>What is prepared of the pairs.</summary>
    public static DataCache CacheOf(DataOptions data, Preset preset) =>
        data.Cache ?? ((data.Crop ?? preset.Crop) == CropMode.Random ? DataCache.None : DataCache.Latents);

    /// <summary>Objective and extent with every number set.</summary>
    public static TrainingOptions Resolve(this TrainingOptions training, Preset preset, ModelFamily family) => training with
    {
        Objective = training.Objective with
        {
            Beta = training.Objective.Beta ?? preset.Beta(family),
            SafeguardMargin = training.Objective.SafeguardMargin ?? 0,
            MarginWeight = training.Objective.MarginWeight ?? 0.1,
        },
        Steps = training.Steps ?? preset.Steps,
        GlobalBatch = training.GlobalBatch ?? preset.GlobalBatch,
        Precision = training.Precision ?? preset.Precision,
        MicroConditioning = training.MicroConditioning ?? preset.MicroConditioning,
        EmptyPrompt = training.EmptyPrompt ?? preset.EmptyPrompt,
    };

    /// <summary>The optimizer with every number set.</summary>
    public static OptimizerOptions Resolve(this OptimizerOptions optimizer, Preset preset, RunScale scale) => optimizer with
    {
        Type = optimizer.Type ?? preset.Optimizer(scale.Family),
        LearningRate = optimizer.LearningRate ?? preset.LearningRate(scale),
        WarmupSteps = optimizer.WarmupSteps ?? preset.WarmupSteps(scale),
        Beta1 = optimizer.Beta1 ?? preset.Beta1,
        Beta2 = optimizer.Beta2 ?? preset.Beta2,
        Epsilon = optimizer.Epsilon ?? preset.Epsilon,
        WeightDecay = optimizer.WeightDecay ?? preset.WeightDecay,
        MaxGradNorm = optimizer.MaxGradNorm ?? preset.MaxGradNorm,
    };

    /// <summary>The checkpoints with their place set.</summary>
    public static CheckpointOptions Resolve(this CheckpointOptions checkpoints, OutputOptions output) =>
        checkpoints with { Uri = checkpoints.Uri ?? $"{output.Uri.TrimEnd('/')}/checkpoints" };
}
