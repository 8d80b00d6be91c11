using System.Text.Json.Serialization;
using KubeOps.Abstractions.Entities.Attributes;

namespace DiffusionDpo.Api.Options;

/// <summary>The objective and the extent of training.</summary>
public sealed record TrainingOptions
{
    /// <summary>What is minimised.</summary>
    public ObjectiveOptions Objective { get; init; } = new();

    /// <summary>Optimizer steps. Preset: 2000.</summary>
    [RangeMinimum(1), RangeMaximum(10_000_000)]
    public int? Steps { get; init; }

    /// <summary>Pairs per optimizer step over all ranks. Preset: 2048.</summary>
    [RangeMinimum(1), RangeMaximum(1_048_576)]
    public int? GlobalBatch { get; init; }

    /// <summary>Pairs per forward and backward pass of one rank.</summary>
    [RangeMinimum(1), RangeMaximum(4096)]
    public int MicroBatch { get; init; } = 1;

    /// <summary>Which timesteps of the noise schedule are trained on; each is drawn as often as any other.</summary>
    public TimestepOptions Timesteps { get; init; } = new();

    /// <summary>
    /// γ of minimum-SNR weighting: errors at timesteps whose signal-to-noise ratio is above γ are scaled down to it (usual: 5); 0: all errors
    /// count as they are. docs/losses.md says what it does to logits.
    /// </summary>
    [RangeMinimum(0), RangeMaximum(1000)]
    public double MinSnrGamma { get; init; }

    /// <summary>Seed of everything random; every draw is a pure function of (seed, epoch, index, purpose).</summary>
    [RangeMinimum(0), RangeMaximum(9_007_199_254_740_991)]
    public long Seed { get; init; }

    /// <summary>
    /// Number format in which the networks compute; errors and losses are always float32. Preset: bf16, paper and salesforce fp32.
    /// </summary>
    public Precision? Precision { get; init; }

    /// <summary>Where the networks compute.</summary>
    public ComputeDevice Device { get; init; } = ComputeDevice.Auto;
}

/// <summary>Number formats.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Precision>))]
public enum Precision
{
    /// <summary>32-bit floating point.</summary>
    [JsonStringEnumMemberName("fp32")] Float32,

    /// <summary>bfloat16.</summary>
    [JsonStringEnumMemberName("bf16")] BFloat16,

    /// <summary>16-bit floating point (storage only).</summary>
    [JsonStringEnumMemberName("fp16")] Float16,
}

/// <summary>Devices.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ComputeDevice>))]
public enum ComputeDevice
{
    /// <summary>The GPU where there is one, else the CPU.</summary>
    [JsonStringEnumMemberName("auto")] Auto,

    /// <summary>The CPU.</summary>
    [JsonStringEnumMemberName("cpu")] Cpu,

    /// <summary>An NVIDIA GPU; an error where there is none.</summary>
    [JsonStringEnumMemberName("cuda")] Cuda,
}
