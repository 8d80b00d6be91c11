using System.Globalization;
using System.Text;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Data.Sources;
using DiffusionDpo.Storage;

namespace DiffusionDpo.Data.Preparation;

/// <summary>Where what is prepared of a list of sources lies: names of objects, and reading and writing them whole.</summary>
internal sealed class CachePlace
{
    private const string IdentityName = "identity.json";
    private const int SetLength = 16;
    private const long MostIdentityBytes = 1 << 20;

    private readonly IObjectStore _store;
    private readonly StorageUri _cache;
    private readonly StorageUri _root;

    /// <param name="stores">Where it is.</param>
    /// <param name="cache">data.cacheUri.</param>
    /// <param name="identity">What images and prompts become.</param>
    /// <param name="set">What is prepared; each list of sources has a directory of its own.</param>
    public CachePlace(Stores stores, StorageUri cache, CacheIdentity identity, PreparedSet set)
    {
        (_store, _cache, _root, Identity) = (stores.For(cache), cache, cache.Combine(identity.Key), identity);
        var names = string.Join('\n', set.Sources.Select(source => $"{StorageUri.Parse(source.Uri)} {ShardFormats.NameOf(source.Format)}"));
        Set = _root.Combine($"{(set.OfAllRows ? "rows" : "pairs")}-{ContentHash.Of(Encoding.UTF8.GetBytes(names)).ToString()[..SetLength]}");
    }

    /// <summary>What images and prompts become.</summary>
    public CacheIdentity Identity { get; }

    /// <summary>The directory of these sources.</summary>
    public StorageUri Set { get; }

    /// <summary>The last object to be written.</summary>
    public StorageUri Manifest => Set.Combine("manifest.bin");

    /// <summary>Where each image and prompt is.</summary>
    public StorageUri Index => Set.Combine("index.bin");

    /// <summary>What there is, for people and programs.</summary>
    public StorageUri Facts => Set.Combine("facts.json");

    /// <summary>What is known of a shard's rows.</summary>
    public StorageUri Rows(int shard) => Set.Combine(Name("rows", $"{shard:D5}.bin"));

    /// <summary>Some of the images, or prompts, that a shard is the first to hold.</summary>
    public StorageUri Part(string kind, int shard, int part) => Set.Combine(Name(kind, $"{shard:D5}-{part:D3}.safetensors"));

    /// <summary>Writes the identity where it is not, and refuses another at its place.</summary>
    /// <exception cref="RunException">Data error: another is there.</exception>
    public async Task ClaimAsync(CancellationToken cancellation)
    {
        var bytes = Encoding.UTF8.GetBytes(Identity.ToJson());
        await _store.CreateAsync(_root.Combine(IdentityName), (to, stop) => to.WriteAsync(bytes, stop), cancellation).ConfigureAwait(false);
        await RefuseAnotherAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>Refuses a place whose identity is not the one of its name.</summary>
    /// <exception cref="RunException">Data error: so it is. Input missing: there is no cache of the identity; those that are there are named.</exception>
    public async Task RefuseAnotherAsync(CancellationToken cancellation)
    {
        var found = await IdentityAtAsync(_root.Combine(IdentityName), cancellation).ConfigureAwait(false);
        if (found is null) throw await NotPreparedAsync(cancellation).ConfigureAwait(false);
        if (found.Key == Identity.Key) return;
        throw new RunException(
            ExitClass.DataError,
            $"{_root.Combine(IdentityName)} is of another cache: its key is {found.Key} and {Identity.Key} is needed: {Differences(found)}; remove {_root} and prepare again");
    }

    /// <summary>The failure of who needs what was not prepared.</summary>
    public async Task<RunException> NotPreparedAsync(CancellationToken cancellation)
    {
        var others = await _store.ListAsync(_cache, cancellation).Where(info => info.Uri.Name == IdentityName)
            .Select(info => info.Uri).ToListAsync(cancellation).ConfigureAwait(false);
        var told = new List<string>();
        foreach (var uri in others)
            if (await IdentityAtAsync(uri, cancellation).ConfigureAwait(false) is { } other && other.Key != Identity.Key)
                told.Add($"{other.Key}: {Differences(other)}");
        var there = told.Count == 0 ? "" : $"; there are {string.Join("; ", told)}";
        return new RunException(
            ExitClass.InputMissing,
            $"data.cacheUri: {_cache} has no complete cache with the key {Identity.Key} of these sources{there}; run the stage prepare (ddpo prepare FILE), or set data.cache: none");
    }

    /// <summary>A whole object; null where there is none.</summary>
    public async Task<byte[]?> ReadAsync(StorageUri uri, CancellationToken cancellation)
    {
        if (await _store.FindAsync(uri, cancellation).ConfigureAwait(false) is not { } info) return null;
        var bytes = new byte[info.Size];
        await _store.ReadAsync(uri, 0, bytes, cancellation).ConfigureAwait(false);
        return bytes;
    }

    /// <summary>Writes an object, whole or not at all.</summary>
    public ValueTask WriteAsync(StorageUri uri, byte[] bytes, CancellationToken cancellation) =>
        _store.WriteAsync(uri, (to, stop) => to.WriteAsync(bytes, stop), cancellation);

    /// <summary>Names and sizes of all objects of these sources.</summary>
    public async Task<Dictionary<StorageUri, ObjectInfo>> ListAsync(CancellationToken cancellation) =>
        await _store.ListAsync(Set, cancellation).ToDictionaryAsync(info => info.Uri, cancellationToken: cancellation).ConfigureAwait(false);

    /// <summary>Removes an object.</summary>
    public ValueTask DeleteAsync(StorageUri uri, CancellationToken cancellation) => _store.DeleteAsync(uri, cancellation);

    private static string Name(string kind, FormattableString name) => $"{kind}/{name.ToString(CultureInfo.InvariantCulture)}";

    private string Differences(CacheIdentity other) => string.Join(", ", Identity.DifferencesFrom(other));

    private async Task<CacheIdentity?> IdentityAtAsync(StorageUri uri, CancellationToken cancellation)
    {
        if (await _store.FindAsync(uri, cancellation).ConfigureAwait(false) is not { } info) return null;
        try
        {
            if (info.Size > MostIdentityBytes) throw new InvalidDataException($"it has {info.Size} bytes");
            return CacheIdentity.Parse(Encoding.UTF8.GetString(await ReadAsync(uri, cancellation).ConfigureAwait(false) ?? []));
        }
        catch (InvalidDataException exception)
        {
            throw new RunException(ExitClass.DataError, $"{uri} is no identity of a cache: {exception.Message}; remove the directory and prepare again", exception);
        }
    }
}
