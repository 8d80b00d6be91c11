using DiffusionDpo.Api.Options;

namespace DiffusionDpo.Api.Presets;

/// <summary>A named set of numbers. Each function gives the number for what is already known of a run.</summary>
public sealed record Preset
{
    /// <summary>How fine-tunes name it.</summary>
    public required PresetName Name { get; init; }

    /// <summary>β in code units (on the mean-squared error).</summary>
    public required Func<ModelFamily, double> Beta { get; init; }

    /// <summary>Learning rate after the warm-up.</summary>
    public required Func<RunScale, double> LearningRate { get; init; }

    /// <summary>Optimizer steps of linear warm-up; never more than there are steps.</summary>
    public required Func<RunScale, int> WarmupSteps { get; init; }

    /// <summary>The update rule.</summary>
    public required Func<ModelFamily, OptimizerType> Optimizer { get; init; }

    /// <summary>L2 norm to which gradients are clipped; 0: no clipping.</summary>
    public required double MaxGradNorm { get; init; }

    /// <summary>Share of captions replaced by the empty prompt.</summary>
    public required double EmptyPromptProportion { get; init; }

    /// <summary>How flips are drawn.</summary>
    public required FlipMode Flip { get; init; }

    /// <summary>Which image sizes SDXL is told.</summary>
    public MicroConditioning MicroConditioning { get; init; } = MicroConditioning.Constant;

    /// <summary>What an empty prompt becomes.</summary>
    public EmptyPrompt EmptyPrompt { get; init; } = EmptyPrompt.Encoded;

    /// <summary>Number format of the networks.</summary>
    public required Precision Precision { get; init; }

    /// <summary>Optimizer steps.</summary>
    public int Steps { get; init; } = 2000;

    /// <summary>Pairs per optimizer step.</summary>
    public int GlobalBatch { get; init; } = 2048;

    /// <summary>Which square is cut.</summary>
    public CropMode Crop { get; init; } = CropMode.Center;

    /// <summary>Decay of the first moment.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>Decay of the second moment.</summary>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>Added to the root of the second moment.</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>Decoupled weight decay.</summary>
    public double WeightDecay { get; init; } = 0.01;

    /// <summary>Side of the training images in pixels.</summary>
    public Func<ModelFamily, int> Resolution { get; init; } = family => family switch
    {
        ModelFamily.Sd15 => 512,
        ModelFamily.Sd21 => 768,
        _ => 1024,
    };
}

/// <summary>What learning rate and warm-up depend on.</summary>
/// <param name="Family">The model family.</param>
/// <param name="Steps">Optimizer steps.</param>
/// <param name="GlobalBatch">Pairs per optimizer step.</param>
/// <param name="Beta">β in code units.</param>
/// <param name="Adapter">Which weights are trained.</param>
public readonly record struct RunScale(ModelFamily Family, int Steps, int GlobalBatch, double Beta, AdapterType Adapter);
