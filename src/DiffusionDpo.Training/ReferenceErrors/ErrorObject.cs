using System.Buffers.Binary;
using System.Security.Cryptography;

namespace DiffusionDpo.Training.ReferenceErrors;

/// <summary>Errors as the bytes of an object: a line that names the format, a number and two float32 for each, SHA-256 of all before.</summary>
internal static class ErrorObject
{
    private const int RowBytes = sizeof(long) + (2 * sizeof(float));

    private static readonly byte[] Magic = "ddpo reference errors 1\n"u8.ToArray();

    /// <summary>Writes errors.</summary>
    public static byte[] Encode(IReadOnlyList<ReferenceError> errors)
    {
        var bytes = new byte[Magic.Length + (errors.Count * RowBytes) + SHA256.HashSizeInBytes];
        Magic.CopyTo(bytes, 0);
        foreach ((int i, ReferenceError error) in errors.Index())
        {
            Span<byte> row = bytes.AsSpan(Magic.Length + (i * RowBytes), RowBytes);
            BinaryPrimitives.WriteInt64LittleEndian(row, error.Visit);
            BinaryPrimitives.WriteSingleLittleEndian(row[sizeof(long)..], error.Winner);
            BinaryPrimitives.WriteSingleLittleEndian(row[(sizeof(long) + sizeof(float))..], error.Loser);
        }

        SHA256.HashData(bytes.AsSpan(..^SHA256.HashSizeInBytes), bytes.AsSpan(^SHA256.HashSizeInBytes..));
        return bytes;
    }

    /// <summary>Reads errors.</summary>
    /// <exception cref="InvalidDataException">They are not what was written.</exception>
    public static IEnumerable<ReferenceError> Decode(byte[] bytes)
    {
        int end = bytes.Length - SHA256.HashSizeInBytes;
        if (end < Magic.Length || !bytes.AsSpan().StartsWith(Magic)) throw new InvalidDataException("it is not of this format");
        if (!SHA256.HashData(bytes.AsSpan(..end)).AsSpan().SequenceEqual(bytes.AsSpan(end))) throw new InvalidDataException("its bytes are not those that were written");
        return Rows(bytes, end);
    }

    private static IEnumerable<ReferenceError> Rows(byte[] bytes, int end)
    {
        for (int at = Magic.Length; at + RowBytes <= end; at += RowBytes)
        {
            ReadOnlySpan<byte> row = bytes.AsSpan(at, RowBytes);
            yield return new(
                BinaryPrimitives.ReadInt64LittleEndian(row),
                BinaryPrimitives.ReadSingleLittleEndian(row[sizeof(long)..]),
                BinaryPrimitives.ReadSingleLittleEndian(row[(sizeof(long) + sizeof(float))..]));
        }
    }
}
