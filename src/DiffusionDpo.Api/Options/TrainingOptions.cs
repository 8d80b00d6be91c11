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

    /// <summary>
    /// Which image sizes SDXL is told (Podell et al. 2023, section 2.2); the other families look at none. Preset: original, paper and salesforce constant.
    /// </summary>
    public MicroConditioning? MicroConditioning { get; init; }

    /// <summary>What an empty prompt becomes. Preset: encoded.</summary>
    public EmptyPrompt? EmptyPrompt { get; init; }

    /// <summary>An average of the weights over the steps, to be exported and drawn from in place of the last ones.</summary>
    public EmaOptions Ema { get; init; } = new();

    /// <summary>What is computed a second time in the backward pass instead of being kept: the gradient is the same to the bit, memory smaller, a step longer.</summary>
    public GradientCheckpointing GradientCheckpointing { get; init; } = GradientCheckpointing.Auto;

    /// <summary>
    /// Whether a GPU may round the factors of float32 matrix products and convolutions to TF32, ten bits of mantissa instead of 23, for speed. Networks in
    /// bf16 have none of these.
    /// </summary>
    public bool Tf32 { get; init; }

    /// <summary>
    /// Keeps the reference's errors in data.cacheUri, so that later runs on the same pairs, draws and base model, with another β, learning rate or
    /// loss, need no reference network. docs/reference-cache.md says what they are bound to.
    /// </summary>
    public bool ReferenceCache { get; init; }

    /// <summary>Where the networks compute.</summary>
    public ComputeDevice Device { get; init; } = ComputeDevice.Auto;
}

/// <summary>An exponential moving average of the trained weights, kept in float32 and saved in checkpoints.</summary>
public sealed record EmaOptions
{
    /// <summary>
    /// What is left of the average at each step; 0: no average. It begins at the base model, of which decay^steps remains, and reaches back about
    /// 1 / (1 − decay) steps. Held-out measurements are of the weights that are trained, not of the average.
    /// </summary>
    [RangeMinimum(0), RangeMaximum(1, exclusiveMaximum: true)]
    public double Decay { get; init; }
}

/// <summary>Which image sizes SDXL is told.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<MicroConditioning>))]
public enum MicroConditioning
{
    /// <summary>Those of the file and of the crop.</summary>
    [JsonStringEnumMemberName("original")] Original,

    /// <summary>As if every image had the training resolution and were not cut.</summary>
    [JsonStringEnumMemberName("constant")] Constant,
}

/// <summary>What an empty prompt becomes.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<EmptyPrompt>))]
public enum EmptyPrompt
{
    /// <summary>The text encoders' states of "".</summary>
    [JsonStringEnumMemberName("encoded")] Encoded,

    /// <summary>Zeros, which is what SDXL's pipelines guide away from.</summary>
    [JsonStringEnumMemberName("zeros")] Zeros,
}

/// <summary>What the backward pass computes a second time.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<GradientCheckpointing>))]
public enum GradientCheckpointing
{
    /// <summary>As blocks where the memory plan without it takes more than nine tenths of what there is, else as none; decided anew at every start.</summary>
    [JsonStringEnumMemberName("auto")] Auto,

    /// <summary>Nothing.</summary>
    [JsonStringEnumMemberName("none")] None,

    /// <summary>Every layer of the UNet's blocks: about a quarter more time for a third of the activations.</summary>
    [JsonStringEnumMemberName("blocks")] Blocks,
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
