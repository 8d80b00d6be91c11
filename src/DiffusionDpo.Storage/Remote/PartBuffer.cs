using System.Buffers;

namespace DiffusionDpo.Storage.Remote;

/// <summary>Up to one part of an object in memory.</summary>
/// <param name="limit">Bytes of a whole part.</param>
/// <param name="isLikelySmall">Whether it may be all of a small object: then it takes little at first, and doubles as it fills.</param>
internal sealed class PartBuffer(int limit, bool isLikelySmall) : IDisposable
{
    private const int First = 64 << 10;
    private byte[] bytes = ArrayPool<byte>.Shared.Rent(isLikelySmall ? Math.Min(First, limit) : limit);

    /// <summary>Bytes that it holds.</summary>
    public int Length { get; private set; }

    /// <summary>Whether it is a whole part.</summary>
    public bool IsFull => Length == limit;

    /// <summary>What it holds.</summary>
    public ReadOnlySpan<byte> Span => bytes.AsSpan(0, Length);

    /// <summary>What it holds, to be read again from the start by each try.</summary>
    public MemoryStream Open() => new(bytes, 0, Length, writable: false);

    /// <summary>Takes what fits.</summary>
    /// <returns>How many bytes that was.</returns>
    public int Fill(ReadOnlySpan<byte> source)
    {
        var count = Math.Min(source.Length, limit - Length);
        if (Length + count > bytes.Length) Grow(Length + count);
        source[..count].CopyTo(bytes.AsSpan(Length));
        Length += count;
        return count;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(bytes);
        bytes = [];
    }

    private void Grow(int needed)
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Min(limit, Math.Max(needed, 2 * bytes.Length)));
        Span.CopyTo(larger);
        ArrayPool<byte>.Shared.Return(bytes);
        bytes = larger;
    }
}
