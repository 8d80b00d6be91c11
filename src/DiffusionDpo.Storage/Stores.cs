using System.Collections.Concurrent;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Storage.Caching;
using DiffusionDpo.Storage.Local;

namespace DiffusionDpo.Storage;

/// <summary>The list of stores, one for each scheme that this build supports.</summary>
public sealed class Stores
{
    private readonly LocalStore _local = new();
    private Cached? _cached;

    /// <summary>The stores that need no options: AWS, Azure and this machine.</summary>
    public Stores()
        : this(new StorageOptions())
    {
    }

    private Stores(StorageOptions options) => Endpoint.Check(options);

    /// <summary>The stores with a run's way of reaching object storage.</summary>
    /// <param name="options">Endpoints and the like; credentials are found in the environment.</param>
    /// <exception cref="RunException">Configuration error: an endpoint is no bare address.</exception>
    public static Stores Of(StorageOptions options) => new(options);

    /// <summary>The store that holds an address.</summary>
    /// <param name="uri">Any address.</param>
    /// <exception cref="RunException">Configuration error: this build has no store for the scheme.</exception>
    public IObjectStore For(StorageUri uri) =>
        _cached is { } cached && uri.Scheme != StorageScheme.File ? cached.Of(Direct(uri)) : Direct(uri);

    /// <summary>The same stores, but remote objects, which must never change, are read through a disk cache.</summary>
    /// <param name="cache">The cache; null: nothing is different.</param>
    public Stores Through(DiskCache? cache)
    {
        var stores = (Stores)MemberwiseClone();
        stores._cached = cache is null ? _cached : new Cached(cache);
        return stores;
    }

    private IObjectStore Direct(StorageUri uri) => uri.Scheme switch
    {
        StorageScheme.File => _local,
        StorageScheme.S3 => throw Unsupported(uri, "s3"),
        _ => throw Unsupported(uri, "az"),
    };

    private static RunException Unsupported(StorageUri uri, string scheme) => new(
        ExitClass.ConfigurationError, $"{uri}: {scheme}:// is not supported by this build yet; use a path or file:///path");

    /// <summary>Each store behind the cache, once: it remembers the versions of objects.</summary>
    private sealed class Cached(DiskCache cache)
    {
        private readonly ConcurrentDictionary<IObjectStore, CachedStore> _stores = [];

        public IObjectStore Of(IObjectStore inner) => _stores.GetOrAdd(inner, each => new CachedStore(each, cache));
    }
}
