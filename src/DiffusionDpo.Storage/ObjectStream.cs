using DiffusionDpo.Api.Failures;

namespace DiffusionDpo.Storage;

/// <summary>An object as a seekable stream for readers that want one; each read is one ranged read of the store. Not thread-safe.</summary>
/// <param name="store">The store that holds the object.</param>
/// <param name="info">The object, with the size that it has.</param>
public sealed class ObjectStream(IObjectStore store, ObjectInfo info) : Stream
{
    private long _position;

    /// <summary>The last read of the store that failed: the cause, for native readers that report a failure of their own instead.</summary>
    public RunException? Failure { get; private set; }

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => true;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => info.Size;

    /// <inheritdoc/>
    public override long Position
    {
        get => _position;
        set => Seek(value, SeekOrigin.Begin);
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = (int)Math.Clamp(info.Size - _position, 0, buffer.Length);
        try
        {
            if (count > 0) await store.ReadAsync(info, _position, buffer[..count], cancellationToken).ConfigureAwait(false);
        }
        catch (RunException failure)
        {
            Failure = failure;
            throw;
        }

        _position += count;
        return count;
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin)
    {
        var target = offset + origin switch { SeekOrigin.Begin => 0, SeekOrigin.Current => _position, _ => info.Size };
        ArgumentOutOfRangeException.ThrowIfNegative(target, nameof(offset));
        return _position = target;
    }

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
