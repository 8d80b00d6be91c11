using System.Runtime.CompilerServices;

namespace DiffusionDpo.Storage.Caching;

/// <summary>
/// A store of objects that never change, read through a disk cache. Which version an object has is known from listings and look-ups; of one that was
/// never looked up it is asked once. Writes and deletions go to the store.
/// </summary>
/// <param name="inner">The store.</param>
/// <param name="cache">The cache.</param>
public sealed class CachedStore(IObjectStore inner, DiskCache cache) : IObjectStore
{
    private const int MostKnown = 1 << 16;

    private readonly Lock _lock = new();
    private readonly Dictionary<StorageUri, ObjectInfo> _known = [];

    /// <inheritdoc/>
    public async ValueTask<ObjectInfo?> FindAsync(StorageUri uri, CancellationToken cancellation = default) =>
        await inner.FindAsync(uri, cancellation).ConfigureAwait(false) is { } info ? Note(info) : null;

    /// <inheritdoc/>
    public async ValueTask ReadAsync(StorageUri uri, long offset, Memory<byte> destination, CancellationToken cancellation = default)
    {
        var info = Known(uri) ?? await FindAsync(uri, cancellation).ConfigureAwait(false);
        if (info is null || offset + destination.Length > info.Size)
            await inner.ReadAsync(uri, offset, destination, cancellation).ConfigureAwait(false); // which says what is wrong
        else
            await cache.ReadAsync(inner, info, offset, destination, cancellation).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask ReadAsync(ObjectInfo info, long offset, Memory<byte> destination, CancellationToken cancellation = default) =>
        offset + destination.Length > info.Size
            ? inner.ReadAsync(info, offset, destination, cancellation)
            : cache.ReadAsync(inner, Note(info), offset, destination, cancellation);

    /// <inheritdoc/>
    public async ValueTask WriteAsync(StorageUri uri, ObjectContent content, CancellationToken cancellation = default)
    {
        await inner.WriteAsync(uri, content, cancellation).ConfigureAwait(false);
        Forget(uri);
    }

    /// <inheritdoc/>
    public async ValueTask<bool> CreateAsync(StorageUri uri, ObjectContent content, CancellationToken cancellation = default)
    {
        Forget(uri);
        return await inner.CreateAsync(uri, content, cancellation).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<ObjectInfo> ListAsync(StorageUri directory, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        await foreach (var info in inner.ListAsync(directory, cancellation).ConfigureAwait(false))
            yield return Note(info);
    }

    /// <inheritdoc/>
    public async ValueTask DeleteAsync(StorageUri uri, CancellationToken cancellation = default)
    {
        await inner.DeleteAsync(uri, cancellation).ConfigureAwait(false);
        Forget(uri);
    }

    private ObjectInfo? Known(StorageUri uri)
    {
        lock (_lock) return _known.GetValueOrDefault(uri);
    }

    private ObjectInfo Note(ObjectInfo info)
    {
        lock (_lock)
        {
            if (_known.Count >= MostKnown) _known.Clear(); // what is still used is asked for again
            _known[info.Uri] = info;
        }

        return info;
    }

    private void Forget(StorageUri uri)
    {
        lock (_lock) _known.Remove(uri);
    }
}
