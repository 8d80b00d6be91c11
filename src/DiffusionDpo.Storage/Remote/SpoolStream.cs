namespace DiffusionDpo.Storage.Remote;

/// <summary>A stream to write to that moves from memory to a temporary file when it grows.</summary>
/// <param name="mostInMemory">Bytes from which on it is a file.</param>
internal sealed class SpoolStream(int mostInMemory) : Stream
{
    private Stream inner = new MemoryStream();

    /// <inheritdoc/>
    public override bool CanRead => false;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override long Length => inner.Length;

    /// <inheritdoc/>
    public override long Position
    {
        get => inner.Position;
        set => throw new NotSupportedException();
    }

    /// <summary>What was written, from its start; it belongs to the caller.</summary>
    public Stream Finish()
    {
        inner.Flush();
        inner.Position = 0;
        return inner;
    }

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer) => For(buffer.Length).Write(buffer);

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => For(count).Write(buffer, offset, count);

    /// <inheritdoc/>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => For(buffer.Length).WriteAsync(buffer, cancellationToken);

    /// <inheritdoc/>
    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        For(count).WriteAsync(buffer, offset, count, cancellationToken);

    /// <inheritdoc/>
    public override void Flush() => inner.Flush();

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing) inner.Dispose();
        base.Dispose(disposing);
    }

    private Stream For(int more)
    {
        if (inner is not MemoryStream memory || memory.Length + more <= mostInMemory) return inner;
        var path = Path.Combine(Path.GetTempPath(), $"ddpo-spool-{Guid.NewGuid():n}");
        inner = new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 1 << 16, FileOptions.DeleteOnClose | FileOptions.Asynchronous);
        memory.WriteTo(inner);
        return inner;
    }
}
