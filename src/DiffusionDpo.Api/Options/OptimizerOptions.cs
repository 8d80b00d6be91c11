using System.Text.Json.Serialization;
using KubeOps.Abstractions.Entities.Attributes;

namespace DiffusionDpo.Api.Options;

/// <summary>The optimizer and its schedule: linear warm-up, then constant.</summary>
public sealed record OptimizerOptions
{
    /// <summary>The update rule. Preset: adamw for sd15, adafactor for sdxl; recommended adamw.</summary>
    public OptimizerType? Type { get; init; }

    /// <summary>Learning rate after the warm-up. Preset: see docs/presets.md.</summary>
    [RangeMinimum(0, exclusiveMinimum: true), RangeMaximum(1)]
    public double? LearningRate { get; init; }

    /// <summary>Optimizer steps of linear warm-up from 0. Preset: 25 % of the steps, salesforce 500 (sd15) or 200 (sdxl).</summary>
    [RangeMinimum(0), RangeMaximum(10_000_000)]
    public int? WarmupSteps { get; init; }

    /// <summary>Decay of the first moment; adamw alone has it. Preset: 0.9.</summary>
    [RangeMinimum(0), RangeMaximum(1, exclusiveMaximum: true)]
    public double? Beta1 { get; init; }

    /// <summary>Decay of the second moment; adafactor's grows with the step instead. Preset: 0.999.</summary>
    [RangeMinimum(0), RangeMaximum(1, exclusiveMaximum: true)]
    public double? Beta2 { get; init; }

    /// <summary>Added to the root of the second moment by adamw. Preset: 1e-8.</summary>
    [RangeMinimum(0, exclusiveMinimum: true), RangeMaximum(1)]
    public double? Epsilon { get; init; }

    /// <summary>Decoupled weight decay. Preset: 0.01.</summary>
    [RangeMinimum(0), RangeMaximum(10)]
    public double? WeightDecay { get; init; }

    /// <summary>Gradients are scaled down to this L2 norm; 0 switches clipping off. Preset: 1, paper 0.</summary>
    [RangeMinimum(0), RangeMaximum(1e6)]
    public double? MaxGradNorm { get; init; }
}

/// <summary>The update rules.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<OptimizerType>))]
public enum OptimizerType
{
    /// <summary>AdamW (Loshchilov and Hutter 2019).</summary>
    [JsonStringEnumMemberName("adamw")] AdamW,

    /// <summary>Adafactor (Shazeer and Stern 2018) without relative step and parameter scaling.</summary>
    [JsonStringEnumMemberName("adafactor")] Adafactor,
}
