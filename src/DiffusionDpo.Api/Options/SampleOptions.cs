using KubeOps.Abstractions.Entities.Attributes;

namespace DiffusionDpo.Api.Options;

/// <summary>Images that base and fine-tuned model draw from the same noise at the end of a run, for people to compare.</summary>
public sealed record SampleOptions
{
    /// <summary>Images per model; 0: none.</summary>
    [RangeMinimum(0), RangeMaximum(256)]
    public int Count { get; init; } = 8;

    /// <summary>What is drawn, in turn. Empty: captions of the held-out pairs, or of the training pairs where none are held out.</summary>
    [Items(0, 256), Length(1, 1000), DefaultValue("[]", Json = true)]
    public IReadOnlyList<string> Prompts { get; init; } = [];

    /// <summary>Steps of the DDIM sampler.</summary>
    [RangeMinimum(1), RangeMaximum(1000)]
    public int Steps { get; init; } = 30;

    /// <summary>Strength of classifier-free guidance; 1: none.</summary>
    [RangeMinimum(1), RangeMaximum(100)]
    public double GuidanceScale { get; init; } = 7.5;
}
