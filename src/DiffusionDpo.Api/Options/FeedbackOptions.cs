using System.Text.Json.Serialization;
using KubeOps.Abstractions.Entities.Attributes;

namespace DiffusionDpo.Api.Options;

/// <summary>How a scorer takes the place of people: the image with the higher score wins its pair.</summary>
public sealed record FeedbackOptions
{
    /// <summary>The scorer.</summary>
    public ScorerType Scorer { get; init; } = ScorerType.PickScore;

    /// <summary>The scorer's CLIP model: a directory in transformers' layout (a path, file://, s3:// or az:// URI). Empty: labels are people's.</summary>
    [Length(0, 1024), Pattern(TextPatterns.LocationOrNone)]
    public string Model { get; init; } = "";

    /// <summary>The weights of the aesthetic predictor, a .safetensors file. Empty for the other scorers, which have none.</summary>
    [Length(0, 1024), Pattern(TextPatterns.LocationOrNone)]
    public string Head { get; init; } = "";

    /// <summary>Two images whose scores differ by no more than this are a tie, which is no pair. In the scorer's own unit; docs/ai-feedback.md.</summary>
    [RangeMinimum(0), RangeMaximum(1000)]
    public double TieThreshold { get; init; }

    /// <summary>
    /// Whether hpsV2 shrinks images with a filter as wide as the reduction, as its code does with torchvision 0.17 and later; before, it did not.
    /// </summary>
    public bool Antialias { get; init; } = true;
}

/// <summary>Who says which image of a pair is preferred.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<LabelSource>))]
public enum LabelSource
{
    /// <summary>The labels of the shards.</summary>
    [JsonStringEnumMemberName("human")] Human,

    /// <summary>A scorer, for every row with two images and a prompt; also for those that people left undecided or unlabelled.</summary>
    [JsonStringEnumMemberName("aiFeedback")] AiFeedback,
}
