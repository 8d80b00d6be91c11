using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Data.Pairs;
using DiffusionDpo.Storage;

namespace DiffusionDpo.Data.Preparation;

/// <summary>What was prepared of some sources, complete. Safe for use by many threads.</summary>
public sealed class LatentCache
{
    private readonly CachePlace _place;
    private readonly IObjectStore _store;

    private LatentCache(CachePlace place, IObjectStore store, PairManifest manifest, CacheIndex index)
    {
        (_place, _store, Manifest, Index) = (place, store, manifest, index);
    }

    /// <summary>The pairs, as the sources' labels say.</summary>
    public PairManifest Manifest { get; }

    /// <summary>Where it is.</summary>
    public StorageUri Place => _place.Set;

    /// <summary>A hash in hex of what every image and prompt has become, and of where in the sources it is from.</summary>
    public string ContentKey => $"{_place.Identity.Key}-{Index.Hash}";

    internal CacheIndex Index { get; }

    internal bool HasMirrors => _place.Identity.HasMirrors;

    /// <summary>Opens what was prepared. The sources are listed to see that it is still of them; no shard is opened.</summary>
    /// <param name="stores">Where sources and cache are.</param>
    /// <param name="cache">data.cacheUri.</param>
    /// <param name="identity">What images and prompts must have become.</param>
    /// <param name="sources">The sources.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="RunException">
    /// Input missing: there is no complete cache of this identity; others that are there are named with what differs. Data error: the sources have
    /// changed, or it is damaged.
    /// </exception>
    public static LatentCache Open(Stores stores, StorageUri cache, CacheIdentity identity, IReadOnlyList<DataSource> sources, CancellationToken cancellation = default) =>
        OpenAsync(stores, new CachePlace(stores, cache, identity, sources), cache, sources, cancellation).GetAwaiter().GetResult();

    /// <summary>Bytes of a piece of a row; those that are not what was written are refused.</summary>
    internal async ValueTask<byte[]> ReadAsync(string kind, int row, int piece, CancellationToken cancellation)
    {
        var rows = kind == PartLayout.Images ? Index.Images : Index.Prompts;
        var part = rows.PartOf(row);
        var (bytes, number) = (new byte[rows.PieceBytes], ((long)row * rows.Pieces) + piece);
        var offset = part.FirstByte + ((number - ((long)part.FirstRow * rows.Pieces)) * rows.PieceBytes);
        var uri = _place.Part(kind, part.Shard, part.Part);
        await _store.ReadAsync(uri, offset, bytes, cancellation).ConfigureAwait(false);
        return ContentHash.Of(bytes).Check == rows.Checks[number] ? bytes : throw new RunException(
            ExitClass.DataError, $"{uri} is damaged at byte {offset}: its hash is not that of what was written; remove that object and {_place.Manifest}, and prepare again");
    }

    private static async Task<LatentCache> OpenAsync(
        Stores stores, CachePlace place, StorageUri cache, IReadOnlyList<DataSource> sources, CancellationToken cancellation)
    {
        await place.RefuseAnotherAsync(cancellation).ConfigureAwait(false);
        var manifest = await ManifestFile.ReadAsync(stores, place.Manifest, sources, cancellation).ConfigureAwait(false)
            ?? throw await place.NotPreparedAsync(cancellation).ConfigureAwait(false);
        try
        {
            var index = CacheIndex.Decode(await place.ReadAsync(place.Index, cancellation).ConfigureAwait(false) ?? throw new InvalidDataException("it is not there"));
            return new(place, stores.For(cache), manifest, index);
        }
        catch (Exception exception) when (exception is InvalidDataException or EndOfStreamException)
        {
            throw new RunException(ExitClass.DataError, $"{place.Index} cannot be used: {exception.Message}; remove {place.Manifest} and prepare again", exception);
        }
    }
}
