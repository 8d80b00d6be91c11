namespace DiffusionDpo.Models.Tokenizers;

/// <summary>The printable characters that stand for the 256 bytes in a byte-level vocabulary.</summary>
internal static class ByteSymbols
{
    /// <summary>What the last symbol of a word carries.</summary>
    public const string EndOfWord = "</w>";

    /// <summary>One symbol for each byte: visible Latin-1 characters stand for themselves, the other 68 bytes follow from U+0100 on.</summary>
    public static IReadOnlyList<char> All { get; } = [.. Range('!', '~'), .. Range('¡', '¬'), .. Range('®', 'ÿ'), .. Range('\u0100', '\u0143')];

    private static IEnumerable<char> Range(char first, char last) => Enumerable.Range(first, last - first + 1).Select(code => (char)code);
}
