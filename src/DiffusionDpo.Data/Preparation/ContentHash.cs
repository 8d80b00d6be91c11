using System.Buffers.Binary;
using System.Security.Cryptography;

namespace DiffusionDpo.Data.Preparation;

/// <summary>SHA-256 of bytes.</summary>
internal readonly record struct ContentHash(UInt128 High, UInt128 Low)
{
    /// <summary>Bytes that it takes.</summary>
    public const int Size = 32;

    /// <summary>Hashes bytes.</summary>
    public static ContentHash Of(ReadOnlySpan<byte> bytes)
    {
        Span<byte> hash = stackalloc byte[Size];
        SHA256.HashData(bytes, hash);
        return Read(hash);
    }

    /// <summary>From its bytes.</summary>
    public static ContentHash Read(ReadOnlySpan<byte> bytes) =>
        new(BinaryPrimitives.ReadUInt128BigEndian(bytes), BinaryPrimitives.ReadUInt128BigEndian(bytes[16..]));

    /// <summary>Its bytes.</summary>
    public byte[] ToBytes()
    {
        var bytes = new byte[Size];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, High);
        BinaryPrimitives.WriteUInt128BigEndian(bytes.AsSpan(16), Low);
        return bytes;
    }

    /// <summary>The first 64 bits, enough to notice damage.</summary>
    public long Check => (long)(ulong)(High >> 64);

    /// <summary>In hex.</summary>
    public override string ToString() => Convert.ToHexStringLower(ToBytes());
}
