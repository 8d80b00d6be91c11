using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Data.Sources;
using DiffusionDpo.Storage;

namespace DiffusionDpo.Data.Pairs;

/// <summary>A manifest as an object, so that a run need not scan its sources again: compact, and checked by its hash and against the sources.</summary>
public static class ManifestFile
{
    private const long MostBytes = 1 << 30;

    /// <summary>Writes a manifest.</summary>
    /// <param name="stores">Where the object is to be.</param>
    /// <param name="uri">The object.</param>
    /// <param name="manifest">The manifest.</param>
    /// <param name="sources">The sources that it was made of.</param>
    /// <param name="cancellation">Abandons the write.</param>
    public static async Task WriteAsync(
        Stores stores, StorageUri uri, PairManifest manifest, IReadOnlyList<DataSource> sources, CancellationToken cancellation = default)
    {
        var bytes = ManifestCodec.Encode(manifest, sources);
        await stores.For(uri).WriteAsync(uri, (to, stop) => to.WriteAsync(bytes, stop), cancellation).ConfigureAwait(false);
    }

    /// <summary>Reads a manifest, and lists the sources to see that it is still theirs: no shard is opened.</summary>
    /// <param name="stores">Where object and shards are.</param>
    /// <param name="uri">The object.</param>
    /// <param name="sources">The sources that it must be of.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>Null where there is no such object.</returns>
    /// <exception cref="RunException">
    /// Data error: it is damaged, or shards were added, removed or replaced since; both are shown. Configuration error: it is of other sources.
    /// </exception>
    public static async Task<PairManifest?> ReadAsync(
        Stores stores, StorageUri uri, IReadOnlyList<DataSource> sources, CancellationToken cancellation = default)
    {
        var store = stores.For(uri);
        if (await store.FindAsync(uri, cancellation).ConfigureAwait(false) is not { } info) return null;
        if (info.Size > MostBytes) throw Damaged(uri, $"it has {info.Size} bytes");
        var bytes = new byte[info.Size];
        await store.ReadAsync(uri, 0, bytes, cancellation).ConfigureAwait(false);
        var (manifest, of) = Decode(uri, bytes);
        if (!of.Select(Text).SequenceEqual(sources.Select(Text)))
            throw new RunException(
                ExitClass.ConfigurationError, $"{uri} is a manifest of {All(of)}, and the sources are {All(sources)}; prepare them, or choose another place for what is prepared");
        return await ChangeSinceAsync(stores, manifest, sources, cancellation).ConfigureAwait(false) is { } difference
            ? throw new RunException(ExitClass.DataError, $"{uri} is a manifest of other shards: {difference}; prepare the sources again, or restore them")
            : manifest;
    }

    /// <summary>Lists the sources: the first shard that is another than it was when the manifest was made; null: none is.</summary>
    internal static async Task<string?> ChangeSinceAsync(Stores stores, PairManifest manifest, IReadOnlyList<DataSource> sources, CancellationToken cancellation) =>
        Difference(manifest, await SourceShards.ListAsync(stores, sources, cancellation).ConfigureAwait(false));

    private static string? Difference(PairManifest manifest, IReadOnlyList<SourceShard> now)
    {
        var bad = manifest.BadShards.Select(shard => shard.Shard).ToHashSet();
        ObjectInfo[] before = [.. manifest.Shards.Select(shard => shard.Info)];
        ObjectInfo[] after = [.. now.Select(shard => shard.Info).Where(info => !bad.Contains(info))];
        for (var i = 0; i < Math.Max(before.Length, after.Length); i++)
        {
            var (was, isNow) = (before.ElementAtOrDefault(i), after.ElementAtOrDefault(i));
            if (was != isNow) return $"shard {i} was {Text(was)} and is {Text(isNow)}";
        }

        return null;
    }

    private static (PairManifest Manifest, IReadOnlyList<DataSource> Sources) Decode(StorageUri uri, byte[] bytes)
    {
        try
        {
            return ManifestCodec.Decode(bytes);
        }
        catch (InvalidDataException exception)
        {
            throw Damaged(uri, exception.Message, exception);
        }
    }

    private static string Text(ObjectInfo? info) => info is null ? "none" : $"{info.Uri} ({info.Size} bytes, version {info.ETag})";

    private static string Text(DataSource source) => $"{StorageUri.Parse(source.Uri)} ({ShardFormats.NameOf(source.Format)})";

    private static string All(IEnumerable<DataSource> sources) => string.Join(", ", sources.Select(Text));

    private static RunException Damaged(StorageUri uri, string reason, Exception? cause = null) => new(
        ExitClass.DataError, $"{uri} cannot be used as a manifest: {reason}; remove it and prepare the sources again", cause);
}
