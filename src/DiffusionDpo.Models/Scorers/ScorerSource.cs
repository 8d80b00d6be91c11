using DiffusionDpo.Api.Options;

namespace DiffusionDpo.Models.Scorers;

/// <summary>A scorer and where its files are on this machine.</summary>
/// <param name="Type">Which one.</param>
/// <param name="Model">The directory of a CLIP model in transformers' layout.</param>
public sealed record ScorerSource(ScorerType Type, string Model)
{
    /// <summary>The weights of the aesthetic predictor; null for the others.</summary>
    public string? Head { get; init; }

    /// <summary>Whether HPSv2 shrinks images with a filter as wide as the reduction.</summary>
    public bool Antialias { get; init; } = true;
}
