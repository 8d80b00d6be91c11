using System.Text.Json.Serialization;

namespace DiffusionDpo.Data.Feedback;

/// <summary>The scores of a shard, as an object: JSON that other tools read too.</summary>
internal sealed record ScoredShard
{
    /// <summary>The layout of this file.</summary>
    public const int CurrentVersion = 1;

    /// <summary>The layout of the file.</summary>
    [JsonPropertyName("version")]
    public int Version { get; init; } = CurrentVersion;

    /// <summary>The scorer's identity: the hash of its weights, its tokenizer, what it does to images, and its rule.</summary>
    [JsonPropertyName("scorer")]
    public required string Scorer { get; init; }

    /// <summary>The shard's name in its source.</summary>
    [JsonPropertyName("shard")]
    public required string Shard { get; init; }

    /// <summary>The shard's size in bytes when it was scored.</summary>
    [JsonPropertyName("size")]
    public required long Size { get; init; }

    /// <summary>The shard's version when it was scored.</summary>
    [JsonPropertyName("version_tag")]
    public required string ETag { get; init; }

    /// <summary>Its row groups.</summary>
    [JsonPropertyName("groups")]
    public required IReadOnlyList<ScoredGroup> Groups { get; init; }
}
