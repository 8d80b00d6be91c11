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
    /// <exception cref="RunException">Input missing: a source without shards. Configuration error: a link to a directory is among them.</exception>
    public static async Task<IReadOnlyList<SourceShard>> ListAsync(Stores stores, IEnumerable<DataSource> sources, CancellationToken cancellation)
    {
        var shards = new List<SourceShard>();
        foreach (var source in sources)
            shards.AddRange(await ListAsync(stores, source, cancellation).ConfigureAwait(false));
        return shards;
    }

    /// <summary>Links to directories are not followed, as they may lead in circles: whoever has made one must not miss its shards without a word.</summary>
    private static void RefuseLinks(StorageUri directory)
    {
        if (directory.Scheme != StorageScheme.File || !Directory.Exists(directory.LocalPath)) return;
        if (LinksBelow(new DirectoryInfo(directory.LocalPath)).FirstOrDefault() is { } link)
            throw new RunException(ExitClass.ConfigurationError, $"{link} is a link to a directory, and these are not followed; name it as a source of its own, or remove it");
    }

    // Hidden ones are how Kubernetes mounts ConfigMaps.
    private static IEnumerable<string> LinksBelow(DirectoryInfo directory) => directory.EnumerateDirectories().Where(each => each.Name[0] != '.')
        .SelectMany(each => each.LinkTarget is null ? LinksBelow(each) : [each.FullName]);

    private static async Task<IReadOnlyList<SourceShard>> ListAsync(Stores stores, DataSource source, CancellationToken cancellation)
    {
        var (uri, extensions) = (StorageUri.Parse(source.Uri), ShardFormats.Of(source.Format).Extensions);
        var store = stores.For(uri);
        if (await store.FindAsync(uri, cancellation).ConfigureAwait(false) is { } single) return [new(uri.Name, single, source.Format)];
        RefuseLinks(uri);
        var shards = await store.ListAsync(uri, cancellation)
            .Where(info => extensions.Any(end => info.Uri.Name.EndsWith(end, StringComparison.OrdinalIgnoreCase)))
            .Select(info => new SourceShard(info.Uri.RelativeTo(uri), info, source.Format))
            .ToListAsync(cancellation).ConfigureAwait(false);
        return shards.Count > 0 ? shards : throw new RunException(
            ExitClass.InputMissing,
            $"{uri}: no shard is there; this source is a file or a directory that holds {string.Join(", ", extensions.Select(end => $"*{end}"))} files");
    }
}
