using System.Collections.Concurrent;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Storage.Azure;
using DiffusionDpo.Storage.Caching;
using DiffusionDpo.Storage.Local;
using DiffusionDpo.Storage.Remote;
using DiffusionDpo.Storage.S3;

namespace DiffusionDpo.Storage;

/// <summary>The list of stores, one for each scheme that this build supports.</summary>
public sealed class Stores
{
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(200);

    private readonly LocalStore _local = new();
    private readonly Lazy<S3Store> _s3;
    private readonly Lazy<AzureStore> _azure;
    private Cached? _cached;

    /// <summary>The stores that need no options: AWS, Azure and this machine.</summary>
    public Stores()
        : this(new StorageOptions())
    {
    }

    private Stores(StorageOptions options)
    {
        Endpoint.Check(options);
        // What nobody asks for connects to nothing.
        _s3 = new(() => new S3Store(options.S3, new Retries(TimeProvider.System, FirstWait)));
        _azure = new(() => new AzureStore(options.Azure, new Retries(TimeProvider.System, FirstWait)));
    }

    /// <summary>The stores with a run's way of reaching object storage.</summary>
    /// <param name="options">Endpoints and the like; credentials are found in the environment.</param>
    /// <exception cref="RunException">Configuration error: an endpoint is no bare address.</exception>
    public static Stores Of(StorageOptions options) => new(options);

    /// <summary>The store that holds an address.</summary>
    /// <param name="uri">Any address.</param>
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
        StorageScheme.S3 => _s3.Value,
        _ => _azure.Value,
    };

    /// <summary>Each store behind the cache, once: it remembers the versions of objects.</summary>
    private sealed class Cached(DiskCache cache)
    {
        private readonly ConcurrentDictionary<IObjectStore, CachedStore> _stores = [];

        public IObjectStore Of(IObjectStore inner) => _stores.GetOrAdd(inner, each => new CachedStore(each, cache));
    }
}
