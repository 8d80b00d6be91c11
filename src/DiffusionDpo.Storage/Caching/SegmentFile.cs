using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace DiffusionDpo.Storage.Caching;

/// <summary>A segment on disk: a mark, the length of the key, the key, SHA-256 of the content, the content. What does not match is not there.</summary>
internal static class SegmentFile
{
    private static readonly byte[] Mark = "ddposeg1"u8.ToArray();

    /// <summary>Bytes of the file of a segment.</summary>
    public static long Size(SegmentKey key) => Head(key).Length + SHA256.HashSizeInBytes + key.Length;

    /// <summary>Writes a segment to an empty file.</summary>
    public static void Write(SafeFileHandle file, SegmentKey key, ReadOnlySpan<byte> content)
    {
        byte[] head = [.. Head(key), .. SHA256.HashData(content)];
        RandomAccess.Write(file, head, 0);
        RandomAccess.Write(file, content, head.Length);
    }

    /// <summary>Reads a segment.</summary>
    /// <param name="file">Its file.</param>
    /// <param name="key">What it must hold.</param>
    /// <param name="destination">Filled with the content.</param>
    /// <returns>False where the file is not as it was written; the destination may hold anything then.</returns>
    public static bool Read(SafeFileHandle file, SegmentKey key, Span<byte> destination)
    {
        var expected = Head(key);
        var head = new byte[expected.Length + SHA256.HashSizeInBytes];
        if (RandomAccess.GetLength(file) != head.Length + destination.Length || !Fill(file, head, 0) || !Fill(file, destination, head.Length)) return false;
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(destination, hash);
        return head.AsSpan(0, expected.Length).SequenceEqual(expected) && hash.SequenceEqual(head.AsSpan(expected.Length));
    }

    private static byte[] Head(SegmentKey key)
    {
        var text = Encoding.UTF8.GetBytes(key.Text);
        var length = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, text.Length);
        return [.. Mark, .. length, .. text];
    }

    private static bool Fill(SafeFileHandle file, Span<byte> destination, long offset)
    {
        while (destination.Length > 0)
        {
            var read = RandomAccess.Read(file, destination, offset);
            if (read == 0) return false;
            destination = destination[read..];
            offset += read;
        }

        return true;
    }
}
