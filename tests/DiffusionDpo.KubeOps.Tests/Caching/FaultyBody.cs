using System.Text;

namespace DiffusionDpo.KubeOps.Tests.Caching;

/// <summary>A body with which something goes wrong: at a byte, or with the next piece, which is one event of the emulator's.</summary>
internal sealed class FaultyBody(Stream inner, FaultyTransport transport, FaultKind kind, int atByte) : Stream
{
    /// <summary>In place of a byte: a silence that only the client can end.</summary>
    public const int ForEver = -1;

    private static readonly byte[] s_gone = """{"type":"ERROR","object":{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Expired","code":410,"message":"too old"}}"""u8.ToArray();
    private static readonly byte[] s_broken = """{"type":"ERROR","object":{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"InternalError","code":500,"message":"etcd"}}"""u8.ToArray();
    private readonly Queue<byte[]> _next = new();
    private readonly byte[] _piece = new byte[64 << 10];
    private readonly CancellationToken _connected = transport.Connected;
    private byte[] _first = [];
    private int _given;
    private bool _isDone;
    private bool _ends;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_next.Count == 0 && _ends) return 0;
        if (_next.Count == 0) await FillAsync(cancellationToken);
        if (!_next.TryDequeue(out var piece)) return 0;
        var count = Math.Min(buffer.Length, piece.Length);
        piece.AsSpan(0, count).CopyTo(buffer.Span);
        if (count < piece.Length)
        {
            var later = _next.ToArray();
            _next.Clear();
            _next.Enqueue(piece[count..]);
            foreach (var one in later) _next.Enqueue(one);
        }

        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing) inner.Dispose();
        base.Dispose(disposing);
    }

    private async Task FillAsync(CancellationToken cancellationToken)
    {
        if (IsCut && _given >= atByte) Cut(); // before a byte that may never come
        if (_ends) return;
        if (kind is FaultKind.Silence && !_isDone) await StaySilentAsync(cancellationToken);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(_connected, cancellationToken);
        try
        {
            var read = await inner.ReadAsync(_piece, either.Token);
            if (read == 0) _ends = true;
            else Spoil(Rewritten(_piece.AsSpan(0, read)));
        }
        catch (OperationCanceledException) when (_connected.IsCancellationRequested)
        {
            throw new IOException("connection reset by peer");
        }
    }

    private byte[] Rewritten(ReadOnlySpan<byte> piece) =>
        transport.Rewrite is { } rewrite ? Encoding.UTF8.GetBytes(rewrite(Encoding.UTF8.GetString(piece))) : piece.ToArray();

    private void Spoil(byte[] piece)
    {
        if (_first.Length == 0) _first = piece;
        if (IsCut)
        {
            if (_given + piece.Length > atByte) piece = piece[..(atByte - _given)];
            _given += piece.Length;
            if (piece.Length > 0) _next.Enqueue(piece);
            else Cut();
            return;
        }

        var isDue = kind is not FaultKind.None && !_isDone && (_given += piece.Length) > atByte;
        if (isDue) (_isDone, _) = (true, Count());
        foreach (var one in isDue ? Spoiled(piece) : [piece]) _next.Enqueue(one);
        _ends |= isDue && kind is (FaultKind.InStream410 or FaultKind.InStream500);
    }

    private byte[][] Spoiled(byte[] piece) => kind switch
    {
        FaultKind.InStream410 => [s_gone, "\n"u8.ToArray()],
        FaultKind.InStream500 => [s_broken, "\n"u8.ToArray()],
        FaultKind.Duplicate => [piece, piece],
        FaultKind.Late => [piece, _first],
        FaultKind.Malformed => [piece[..(piece.Length / 2)], "\n"u8.ToArray()],
        FaultKind.NotAnEvent => ["""{"type":"MODIFIED","object":[1]}"""u8.ToArray(), "\n"u8.ToArray()],
        _ => [piece],
    };

    private bool IsCut => kind is FaultKind.Reset or FaultKind.CleanEnd;

    private void Cut()
    {
        _ends = true;
        transport.Count();
        if (kind is FaultKind.Reset) throw new IOException("connection reset by peer");
    }

    private async Task StaySilentAsync(CancellationToken cancellationToken)
    {
        transport.Count();
        await Task.Delay(atByte == ForEver ? Timeout.Infinite : 1, cancellationToken);
        _isDone = true;
        throw new IOException("connection timed out");
    }

    private int Count()
    {
        transport.Count();
        return 0;
    }
}
