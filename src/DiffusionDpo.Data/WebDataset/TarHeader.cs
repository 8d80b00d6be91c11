using System.Text;

namespace DiffusionDpo.Data.WebDataset;

/// <summary>One block that begins a member of a tar file (POSIX ustar, and the two ways in which GNU tar goes beyond it).</summary>
/// <param name="Name">Path in the archive.</param>
/// <param name="Size">Bytes of the body.</param>
/// <param name="Type">The type flag.</param>
internal readonly record struct TarHeader(string Name, long Size, char Type)
{
    /// <summary>Bytes of a block; members begin at multiples of it.</summary>
    public const int Block = 512;

    private const int ChecksumAt = 148;
    private const int ChecksumLength = 8;

    /// <summary>Whether the member is a file.</summary>
    public bool IsFile => Type is '0' or '\0' or '7';

    /// <summary>Reads a block; null: it is zeros, the end of an archive.</summary>
    /// <exception cref="InvalidDataException">No header.</exception>
    public static TarHeader? Parse(ReadOnlySpan<byte> block)
    {
        if (block.IndexOfAnyExcept((byte)0) < 0) return null;
        var sum = 0;
        for (var i = 0; i < Block; i++)
            sum += i is >= ChecksumAt and < ChecksumAt + ChecksumLength ? ' ' : block[i];
        if (Number(block.Slice(ChecksumAt, ChecksumLength)) != sum) throw new InvalidDataException("the checksum of a header does not match");
        var name = Text(block[..100]);
        if (block.Slice(257, 5).SequenceEqual("ustar"u8) && Text(block.Slice(345, 155)) is { Length: > 0 } prefix && block[262] == 0)
            name = $"{prefix}/{name}"; // GNU's own magic "ustar  " has other fields there
        return new TarHeader(name, Number(block.Slice(124, 12)), (char)block[156]);
    }

    /// <summary>Text up to its first zero.</summary>
    public static string Text(ReadOnlySpan<byte> field) => Encoding.UTF8.GetString(field.IndexOf((byte)0) is >= 0 and var end ? field[..end] : field);

    /// <summary>Octal digits; or, with the first bit set, a big-endian number.</summary>
    private static long Number(ReadOnlySpan<byte> field)
    {
        var value = 0L;
        if ((field[0] & 0x80) != 0)
        {
            for (var i = 0; i < field.Length; i++)
            {
                if (value >> 55 != 0) throw new InvalidDataException("a header holds a number that is too large");
                value = (value << 8) | (i == 0 ? field[0] & 0x7Fu : field[i]);
            }

            return value;
        }

        foreach (var digit in field.Trim((byte)' ').TrimStart((byte)0))
        {
            if (digit is 0 or (byte)' ') break;
            if (digit is < (byte)'0' or > (byte)'7') throw new InvalidDataException("a header holds a number that is none");
            value = (value << 3) | (uint)(digit - '0'); // at most 12 digits of 3 bits
        }

        return value;
    }
}
