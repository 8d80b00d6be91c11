using System.Buffers;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Data.Loading;
using DiffusionDpo.Storage;

namespace DiffusionDpo.Data.PickAPic;

/// <summary>
/// An object as a stream for a native reader, which reads synchronously and in its own order. It is asked first what it would read, that is
/// fetched without holding a thread, and then it reads from memory. What was not fetched is read when it is wanted. Not thread-safe.
/// </summary>
/// <param name="store">The store that holds the object.</param>
/// <param name="info">The object, with the size that it has.</param>
internal sealed class FetchedStream(IObjectStore store, ObjectInfo info) : Stream
{
    private readonly List<(long Offset, int Count, byte[] Bytes)> _held = []; // of the pool: as long as they are, or longer
    private List<(long Offset, int Count)>? _asked;
    private long _position;
    private int _reads;
    private long _bytes;

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

    /// <summary>What was read of the store so far.</summary>
    public ReadTraffic Traffic => new(_reads, _bytes, 0);

    /// <summary>Lets a reader begin something and notes the first read of it that is not held, in place of which it gets a failure.</summary>
    public (long Offset, int Count)? Ask(Action begin)
    {
        _asked = [];
        try
        {
            begin();
        }
        catch (Exception exception) when (_asked.Count > 0 && exception is not RunException)
        {
            return _asked[0];
        }
        finally
        {
            _asked = null;
        }

        return null;
    }

    /// <summary>Reads a range of the object and holds it.</summary>
    public async Task FetchAsync((long Offset, int Count) range, CancellationToken cancellation)
    {
        var bytes = ArrayPool<byte>.Shared.Rent(range.Count);
        try
        {
            await store.ReadAsync(info, range.Offset, bytes.AsMemory(0, range.Count), cancellation).ConfigureAwait(false);
        }
        catch
        {
            ArrayPool<byte>.Shared.Return(bytes);
            throw;
        }

        lock (_held)
        {
            _held.Add((range.Offset, range.Count, bytes));
            (_reads, _bytes) = (_reads + 1, _bytes + range.Count);
        }
    }

    /// <summary>Lets go of what was fetched.</summary>
    public void Forget()
    {
        foreach (var (_, _, bytes) in _held)
            ArrayPool<byte>.Shared.Return(bytes);
        _held.Clear();
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        var wanted = buffer[..(int)Math.Clamp(info.Size - _position, 0, buffer.Length)];
        if (wanted.IsEmpty) return 0;
        if (!CopyHeld(wanted))
        {
            _asked?.Add((_position, wanted.Length));
            if (_asked is not null) throw new IOException("only asked");
            ReadNow(wanted);
        }

        _position += wanted.Length;
        return wanted.Length;
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

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        Forget();
        base.Dispose(disposing);
    }

    private bool CopyHeld(Span<byte> wanted)
    {
        foreach (var (offset, count, bytes) in _held)
        {
            if (_position < offset || _position + wanted.Length > offset + count) continue;
            bytes.AsSpan((int)(_position - offset), wanted.Length).CopyTo(wanted);
            return true;
        }

        return false;
    }

    private void ReadNow(Span<byte> wanted)
    {
        var bytes = GC.AllocateUninitializedArray<byte>(wanted.Length);
        try
        {
            store.ReadAsync(info, _position, bytes).AsTask().GetAwaiter().GetResult();
        }
        catch (RunException failure)
        {
            Failure = failure;
            throw;
        }

        bytes.CopyTo(wanted);
        (_reads, _bytes) = (_reads + 1, _bytes + bytes.Length);
    }
}
