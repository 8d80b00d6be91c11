using System.Text.Json.Serialization;
using KubeOps.Abstractions.Entities.Attributes;

namespace DiffusionDpo.Api.Options;

/// <summary>The preference pairs to train on, and how images and captions are prepared.</summary>
public sealed record DataOptions
{
    /// <summary>The training pairs. Shards of all sources form one data set in the order given.</summary>
    [Items(1, 64)]
    public required IReadOnlyList<DataSource> Sources { get; init; }

    /// <summary>Pairs that are never trained on; held-out implicit accuracy is measured on them. Empty: none is measured.</summary>
    // The default makes a list left out and an empty one the same to the rule that a run's data cannot change.
    [Items(0, 64), DefaultValue("[]", Json = true)]
    public IReadOnlyList<DataSource> HeldOut { get; init; } = [];

    /// <summary>Who says which image of a training pair is preferred. Held-out pairs keep the labels of their shards.</summary>
    public LabelSource Labels { get; init; } = LabelSource.Human;

    /// <summary>The scorer that says so, for labels aiFeedback.</summary>
    public FeedbackOptions Feedback { get; init; } = new();

    /// <summary>Side of the square training images in pixels. Preset: 512 for sd15, 1024 for sdxl.</summary>
    [RangeMinimum(8), RangeMaximum(4096)]
    public int? Resolution { get; init; }

    /// <summary>Which square is cut after the shorter side is resized to <see cref="Resolution"/>. Preset: center.</summary>
    public CropMode? Crop { get; init; }

    /// <summary>Random horizontal flips (p = 0.5). Preset: one draw per pair, except salesforce (one per image).</summary>
    public FlipMode? Flip { get; init; }

    /// <summary>Share of captions replaced by the empty prompt, one draw per pair, in [0, 1]. Preset: 0, salesforce 0.2.</summary>
    [RangeMinimum(0), RangeMaximum(1)]
    public double? EmptyPromptProportion { get; init; }

    /// <summary>Share of rows that may be corrupt before the run fails, in [0, 1). Bad rows are named, counted and skipped.</summary>
    [RangeMinimum(0), RangeMaximum(1, exclusiveMaximum: true)]
    public double MaxBadFraction { get; init; } = 0.01;

    /// <summary>What a shard means that cannot be read at all: truncated, of another format, without a column that is needed.</summary>
    public BadShards BadShards { get; init; } = BadShards.Fail;

    /// <summary>
    /// What the stage Prepare makes of images and prompts once, for all visits to them. It changes nothing that is trained. Preset: latents, but for
    /// random crops none.
    /// </summary>
    public DataCache? Cache { get; init; }

    /// <summary>Where prepared data go, which runs may share; each model, resolution and number format has its own place there. Unset: the directory cache in output.uri.</summary>
    [Length(1, 1024), Pattern(TextPatterns.Location)]
    public string? CacheUri { get; init; }

    /// <summary>Pairs prepared ahead of the step that needs them.</summary>
    [RangeMinimum(1), RangeMaximum(65536)]
    public int PrefetchPairs { get; init; } = 64;

    /// <summary>Keeps what was read of remote shards on a local disk.</summary>
    public DiskCacheOptions DiskCache { get; init; } = new();
}

/// <summary>One set of preference shards.</summary>
public sealed record DataSource
{
    /// <summary>A shard, or a directory of shards (a path, file://, s3:// or az:// URI).</summary>
    [Length(1, 1024), Pattern(TextPatterns.Location)]
    public required string Uri { get; init; }

    /// <summary>The format of the shards.</summary>
    public DataFormat Format { get; init; } = DataFormat.PickAPic;
}

/// <summary>Formats of preference shards.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<DataFormat>))]
public enum DataFormat
{
    /// <summary>Parquet with the columns of Pick-a-Pic v1/v2.</summary>
    [JsonStringEnumMemberName("pickapic")] PickAPic,

    /// <summary>Tar files whose members are key.w.jpg (the preferred image), key.l.jpg (the other; both also png or webp) and key.txt (the prompt).</summary>
    [JsonStringEnumMemberName("webdataset")] WebDataset,

    /// <summary>JSON Lines: prompt, image0 and image1 (URIs, or names relative to the file), preference (image0, image1, tie or null).</summary>
    [JsonStringEnumMemberName("jsonlines")] JsonLines,
}

/// <summary>What a shard means that cannot be read.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<BadShards>))]
public enum BadShards
{
    /// <summary>The run ends before it begins.</summary>
    [JsonStringEnumMemberName("fail")] Fail,

    /// <summary>The shard is named, counted and passed over.</summary>
    [JsonStringEnumMemberName("skip")] Skip,
}

/// <summary>What is made of images and prompts before training.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<DataCache>))]
public enum DataCache
{
    /// <summary>Nothing: every visit to a pair decodes and encodes it. Cheaper where a run visits fewer pairs than there are.</summary>
    [JsonStringEnumMemberName("none")] None,

    /// <summary>Latents of every different image and states of every different prompt; neither autoencoder nor text encoders are loaded for training.</summary>
    [JsonStringEnumMemberName("latents")] Latents,
}

/// <summary>Which square of a resized image is used.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<CropMode>))]
public enum CropMode
{
    /// <summary>The middle one.</summary>
    [JsonStringEnumMemberName("center")] Center,

    /// <summary>A random one, one draw per image.</summary>
    [JsonStringEnumMemberName("random")] Random,
}

/// <summary>How horizontal flips are drawn.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FlipMode>))]
public enum FlipMode
{
    /// <summary>Never.</summary>
    [JsonStringEnumMemberName("none")] None,

    /// <summary>Winner and loser share one draw.</summary>
    [JsonStringEnumMemberName("pair")] Pair,

    /// <summary>One draw per image.</summary>
    [JsonStringEnumMemberName("image")] Image,
}
