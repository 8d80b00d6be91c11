using System.Text.Json;
using System.Text.Json.Serialization;
using DiffusionDpo.Data.Pairs;
using DiffusionDpo.Storage;

namespace DiffusionDpo.Data.Feedback;

/// <summary>
/// Scores that are there already: an object for each shard, in a directory for each scorer. An object is whole or not there, so a stopped run goes
/// on after the last whole shard; one that is damaged or of another version of the shard counts as not there, and is written anew.
/// </summary>
/// <param name="stores">Where the objects are.</param>
/// <param name="directory">Where scores are kept.</param>
/// <param name="scorer">The scorer's identity.</param>
internal sealed class ScoreCache(Stores stores, StorageUri directory, string scorer)
{
    private const long MostBytes = 1 << 28;
    private const int IdentityDigits = 16;

    private static readonly JsonSerializerOptions Json = new() { RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true, DefaultIgnoreCondition = JsonIgnoreCondition.Never };

    /// <summary>The directory of this scorer's scores.</summary>
    public StorageUri Place => directory.Combine(scorer[..IdentityDigits]);

    /// <summary>The scores of a shard; null where they have to be computed.</summary>
    public async ValueTask<ScoredShard?> FindAsync(ManifestShard shard, CancellationToken cancellation)
    {
        var uri = UriOf(shard);
        var store = stores.For(uri);
        if (await store.FindAsync(uri, cancellation).ConfigureAwait(false) is not { Size: > 0 and <= MostBytes } info) return null;
        var bytes = new byte[info.Size];
        await store.ReadAsync(uri, 0, bytes, cancellation).ConfigureAwait(false);
        return Read(bytes) is { } scored && IsOf(scored, shard) ? scored : null;
    }

    /// <summary>Keeps the scores of a shard.</summary>
    public ValueTask WriteAsync(ManifestShard shard, ScoredShard scored, CancellationToken cancellation)
    {
        var uri = UriOf(shard);
        var bytes = JsonSerializer.SerializeToUtf8Bytes(scored, Json);
        return stores.For(uri).WriteAsync(uri, (to, stop) => to.WriteAsync(bytes, stop), cancellation);
    }

    /// <summary>What is in a file of scores; null where it is none.</summary>
    internal static ScoredShard? Read(byte[] bytes)
    {
        try
        {
            return JsonSerializer.Deserialize<ScoredShard>(bytes, Json) is { Version: ScoredShard.CurrentVersion } scored && scored.Groups.All(group => group?.IsSound() == true) ? scored : null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private bool IsOf(ScoredShard scored, ManifestShard shard) =>
        scored.Scorer == scorer && scored.Size == shard.Info.Size && scored.ETag == shard.Info.ETag
        && scored.Groups.Select(group => group.Rows).SequenceEqual(shard.Groups.Select(group => group.Rows));

    // Two sources may have shards of one name; an address has characters that an object's name may not have.
    private StorageUri UriOf(ManifestShard shard) => Place.Combine($"{ScoreKey.HashOf(shard.Info.Uri.ToString()):x32}.json");
}
