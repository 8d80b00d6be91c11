using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Storage;

namespace DiffusionDpo.Data.Sources;

/// <summary>A shard of a source.</summary>
/// <param name="Name">Relative to its source.</param>
/// <param name="Info">Address, size and version.</param>
/// <param name="Format">Its format.</param>
internal readonly record struct SourceShard(string Name, ObjectInfo Info, DataFormat Format);

/// <summary>What shards sources have now.</summary>
internal static class SourceShards
{
    /// <summary>The shards of all sources: in the order of the sources, those of one by their names.</summary>
    /// <exception cref="RunException">Input missing: a source without shards.</exception>
    public static async Task<IReadOnlyList<SourceShard>> ListAsync(Stores stores, IEnumerable<DataSource> sources, CancellationToken cancellation)
    {
        var shards = new List<SourceShard>();
        foreach (var source in sources)
            shards.AddRange(await ListAsync(stores, source, cancellation).ConfigureAwait(false));
        return shards;
    }

    private static async Task<IReadOnlyList<SourceShard>> ListAsync(Stores stores, DataSource source, CancellationToken cancellation)
    {
        var (uri, extensions) = (StorageUri.Parse(source.Uri), ShardFormats.Of(source.Format).Extensions);
        var store = stores.For(uri);
        if (await store.FindAsync(uri, cancellation).ConfigureAwait(false) is { } single) return [new(uri.Name, single, source.Format)];
        var shards = await store.ListAsync(uri, cancellation)
            .Where(info => extensions.Any(end => info.Uri.Name.EndsWith(end, StringComparison.OrdinalIgnoreCase)))
            .Select(info => new SourceShard(info.Uri.RelativeTo(uri), info, source.Format))
            .ToListAsync(cancellation).ConfigureAwait(false);
        return shards.Count > 0 ? shards : throw new RunException(
            ExitClass.InputMissing,
            $"{uri}: no shard is there; this source is a file or a directory that holds {string.Join(", ", extensions.Select(end => $"*{end}"))} files");
    }
}
