using System.Buffers.Binary;
using System.Text;

namespace DiffusionDpo.Shared.Fuzzing;

/// <summary>Files as nobody should have them: those of a corpus, cut, spliced, with flipped bits, absurd lengths, depth, repetition and bytes that are no text.</summary>
/// <param name="sound">Files that are taken: three of four mutants are made of them.</param>
/// <param name="nasty">Files that are not.</param>
/// <param name="tokens">Pieces of the format that are put anywhere.</param>
internal sealed class Mutants(IReadOnlyList<byte[]> sound, IReadOnlyList<byte[]> nasty, params IReadOnlyList<string> tokens)
{
    private const int Longest = 1 << 20;

    private static readonly ulong[] s_extremes = [0, 1, 0x7F, 0xFF, 0x7FFF, 0xFFFF, int.MaxValue, uint.MaxValue, long.MaxValue, ulong.MaxValue, 1UL << 60, 1UL << 31, 60_000];

    private static readonly string[] s_pieces =
    [
        "-1", "0", "1e999", "-0", "1e-400", "99999999999999999999999999", "9223372036854775807", "2147483648", "NaN", "null", "true", "\"\"", "{}", "[]", "[[[[", "{\"a\":", "\"\\ud800\"",
        "\\u0000", "\u202e", "\ud83d\ude00", "é", "../../../../etc/passwd", "/dev/zero", "\r\n", "\0", ",", ":", "\"", "\\",
    ];

    /// <summary>The mutant of a number: the same number always gives the same.</summary>
    public byte[] Of(int number)
    {
        Random random = new(number);
        byte[] file = Any(random);
        for (int i = random.Next(3) > 0 ? 1 : random.Next(2, 5); i > 0; i--) file = Mutate(file, random);
        return file.Length <= Longest ? file : file[..Longest];
    }

    private byte[] Mutate(byte[] file, Random random)
    {
        int at = random.Next(file.Length + 1), end = Math.Min(file.Length, at + random.Next(1, 40));
        byte[] other = Any(random);
        return random.Next(13) switch
        {
            0 => file[..at],
            1 => file[at..],
            2 => [.. file[..at], .. other[random.Next(other.Length + 1)..]],
            3 => [.. file[..at], .. file[end..]],
            4 => [.. file[..end], .. file[at..]],
            5 => [.. file[..at], .. Repeated(file[at..end], random), .. file[at..]],
            6 => [.. file[..at], .. Repeated(Encoding.UTF8.GetBytes(Pick(["[", "{\"a\":", "- ", "[{", "&a [*a,", "(", " "], random)), random), .. file[at..]],
            7 or 8 => [.. file[..at], .. Encoding.UTF8.GetBytes(Pick(s_pieces, random)), .. file[end..]],
            9 when tokens.Count > 0 => [.. file[..at], .. Encoding.UTF8.GetBytes(Pick(tokens, random)), .. file[end..]],
            10 => [.. file[..at], (byte)random.Next(0x80, 0x100), .. file[at..]],
            11 => Extreme(file, at, random),
            _ => Flipped(file, random),
        };
    }

    private byte[] Any(Random random) => Pick(nasty.Count > 0 && random.Next(4) == 0 ? nasty : sound, random);

    private static T Pick<T>(IReadOnlyList<T> from, Random random) => from[random.Next(from.Count)];

    private static byte[] Repeated(byte[] piece, Random random) =>
        [.. Enumerable.Repeat(piece, Math.Min(random.Next(2, 5_000), 1 + (20_000 / Math.Max(1, piece.Length)))).SelectMany(each => each)];

    private static byte[] Extreme(byte[] file, int at, Random random)
    {
        byte[] number = new byte[8], changed = [.. file];
        ulong extreme = Pick(s_extremes, random);
        if (random.Next(2) == 0) BinaryPrimitives.WriteUInt64LittleEndian(number, extreme);
        else BinaryPrimitives.WriteUInt64BigEndian(number, extreme << (8 * random.Next(8)));
        int size = Math.Min(1 << random.Next(4), file.Length - at);
        number.AsSpan(0, size).CopyTo(changed.AsSpan(at));
        return changed;
    }

    private static byte[] Flipped(byte[] file, Random random)
    {
        byte[] changed = [.. file];
        for (int i = random.Next(1, 8); i > 0 && file.Length > 0; i--) changed[random.Next(file.Length)] ^= (byte)(1 << random.Next(8));
        return changed;
    }
}
