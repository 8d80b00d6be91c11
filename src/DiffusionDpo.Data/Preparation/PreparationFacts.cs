using System.Text.Encodings.Web;
using System.Text.Json;
using DiffusionDpo.Data.Pairs;

namespace DiffusionDpo.Data.Preparation;

/// <summary>What the sources hold, counted while they were prepared.</summary>
public sealed record PreparationFacts
{
    private static readonly JsonSerializerOptions Written = new(JsonSerializerDefaults.Web) { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Shards.</summary>
    public required int Shards { get; init; }

    /// <summary>All rows.</summary>
    public required long Rows { get; init; }

    /// <summary>Rows in which one image is preferred.</summary>
    public required int Pairs { get; init; }

    /// <summary>Rows in which neither is.</summary>
    public required long Ties { get; init; }

    /// <summary>Rows without a label.</summary>
    public required long Unlabelled { get; init; }

    /// <summary>Different images of good pairs.</summary>
    public required int Images { get; init; }

    /// <summary>Images of good pairs that stood in an earlier row too.</summary>
    public required int DuplicateImages { get; init; }

    /// <summary>Different prompts, the empty one included.</summary>
    public required int Prompts { get; init; }

    /// <summary>Encoded bytes of the different images.</summary>
    public required long ImageBytes { get; init; }

    /// <summary>Bytes of the objects of images and prompts.</summary>
    public required long CacheBytes { get; init; }

    /// <summary>How many different images have a size, as width x height, most first.</summary>
    public required IReadOnlyDictionary<string, int> Resolutions { get; init; }

    /// <summary>Rows that should be pairs and cannot be used, each with its reason.</summary>
    public required IReadOnlyList<string> BadRows { get; init; }

    /// <summary>Shards that were passed over, each with its reason.</summary>
    public required IReadOnlyList<string> BadShards { get; init; }

    /// <summary>As JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Written) + "\n";

    internal static PreparationFacts Of(PairManifest manifest, Ownership owned, IReadOnlyList<BadRow> bad, long cacheBytes) => new()
    {
        Shards = manifest.Shards.Count,
        Rows = manifest.Rows,
        Pairs = manifest.Pairs,
        Ties = manifest.Ties,
        Unlabelled = manifest.Unlabelled,
        Images = owned.ImageFacts.Count,
        DuplicateImages = (2 * owned.Pairs.Count(pair => pair.First >= 0)) - owned.ImageFacts.Count,
        Prompts = owned.Prompts.Sum(prompts => prompts.Count),
        ImageBytes = owned.ImageFacts.Sum(image => (long)image.Bytes),
        CacheBytes = cacheBytes,
        Resolutions = owned.ImageFacts.CountBy(image => $"{image.Width}x{image.Height}")
            .OrderByDescending(each => each.Value).ThenBy(each => each.Key, StringComparer.Ordinal).ToDictionary(),
        BadRows = [.. bad.Select(row => $"{row}")],
        BadShards = [.. manifest.BadShards.Select(shard => $"{shard}")],
    };
}
