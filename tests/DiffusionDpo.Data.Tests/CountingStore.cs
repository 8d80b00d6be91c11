using DiffusionDpo.Storage;

namespace DiffusionDpo.Data.Tests;

/// <summary>A store that says what was read of another.</summary>
internal sealed class CountingStore(IObjectStore inner) : IObjectStore
{
    private readonly Lock _lock = new();
    private readonly List<(string Name, long Offset, int Count)> _reads = [];

    public IReadOnlyList<(string Name, long Offset, int Count)> Reads
    {
        get
        {
            lock (_lock) return [.. _reads];
        }
    }

    public long Bytes => Reads.Sum(read => (long)read.Count);

    public ValueTask ReadAsync(StorageUri uri, long offset, Memory<byte> destination, CancellationToken cancellation = default)
    {
        lock (_lock) _reads.Add((uri.Name, offset, destination.Length));
        return inner.ReadAsync(uri, offset, destination, cancellation);
    }

    public ValueTask<ObjectInfo?> FindAsync(StorageUri uri, CancellationToken cancellation = default) => inner.FindAsync(uri, cancellation);

    public ValueTask WriteAsync(StorageUri uri, ObjectContent content, CancellationToken cancellation = default) => inner.WriteAsync(uri, content, cancellation);

    public ValueTask<bool> CreateAsync(StorageUri uri, ObjectContent content, CancellationToken cancellation = default) => inner.CreateAsync(uri, content, cancellation);

    public IAsyncEnumerable<ObjectInfo> ListAsync(StorageUri directory, CancellationToken cancellation = default) => inner.ListAsync(directory, cancellation);

    public ValueTask DeleteAsync(StorageUri uri, CancellationToken cancellation = default) => inner.DeleteAsync(uri, cancellation);
}
