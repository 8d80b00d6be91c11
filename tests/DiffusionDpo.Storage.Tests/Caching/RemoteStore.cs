using DiffusionDpo.Api.Failures;

namespace DiffusionDpo.Storage.Tests.Caching;

/// <summary>Objects of any name whose bytes follow from name, version and offset, and a count of what is read of them.</summary>
internal sealed class RemoteStore : IObjectStore
{
    private int _reads;

    public int Reads => _reads;

    public string ETag { get; set; } = "\"1\"";

    public bool Fails { get; set; }

    public Func<CancellationToken, Task> BeforeRead { get; init; } = _ => Task.CompletedTask;

    public static byte[] BytesOf(ObjectInfo info, long offset, int count) => [.. Enumerable.Range(0, count).Select(i => ByteOf(info, offset + i))];

    public ObjectInfo Info(string name, long size = 1 << 20) => new(StorageUri.Parse($"s3://bucket/{name}"), size, ETag);

    public async ValueTask ReadAsync(StorageUri uri, long offset, Memory<byte> destination, CancellationToken cancellation = default)
    {
        Interlocked.Increment(ref _reads);
        await BeforeRead(cancellation);
        if (Fails) throw new RunException(ExitClass.StorageError, $"{uri} cannot be read: the line is dead");
        var info = Info(uri.Key);
        for (var i = 0; i < destination.Length; i++)
            destination.Span[i] = ByteOf(info, offset + i);
    }

    public ValueTask<ObjectInfo?> FindAsync(StorageUri uri, CancellationToken cancellation = default) => new(Info(uri.Key));

    public ValueTask WriteAsync(StorageUri uri, ObjectContent content, CancellationToken cancellation = default) => throw new NotSupportedException();

    public ValueTask<bool> CreateAsync(StorageUri uri, ObjectContent content, CancellationToken cancellation = default) => throw new NotSupportedException();

    public IAsyncEnumerable<ObjectInfo> ListAsync(StorageUri directory, CancellationToken cancellation = default) => throw new NotSupportedException();

    public ValueTask DeleteAsync(StorageUri uri, CancellationToken cancellation = default) => throw new NotSupportedException();

    private static byte ByteOf(ObjectInfo info, long at) => (byte)((at * 31) + (at >> 8) + info.Uri.Key.Sum(c => c) + info.ETag.Sum(c => c));
}
