using System.Globalization;
using System.Text;

namespace DiffusionDpo.KubeOps.Texts;

/// <summary>Text that others wrote (pods, kubelets, servers), made fit for a status, an event or a line of the log.</summary>
internal static class ForeignText
{
    private const char Ellipsis = '…';

    /// <summary>The text on one line: what is no character to see is a space, and never two of them. What is too long loses its end.</summary>
    /// <param name="text">Anything.</param>
    /// <param name="most">Most UTF-16 characters.</param>
    public static string OneLine(ReadOnlySpan<char> text, int most)
    {
        StringBuilder line = new();
        var isGap = false;
        foreach (var rune in text.EnumerateRunes())
        {
            if (!IsVisible(rune))
            {
                isGap = line.Length > 0;
                continue;
            }

            var length = rune.Utf16SequenceLength + (isGap ? 1 : 0);
            if (line.Length + length > most) return Cut(line, most);
            if (isGap) line.Append(' ');
            line.Append(rune);
            isGap = false;
        }

        return line.ToString();
    }

    /// <summary>The last line that says something.</summary>
    /// <param name="text">Anything.</param>
    /// <param name="most">Most UTF-16 characters.</param>
    public static string LastLine(ReadOnlySpan<char> text, int most)
    {
        while (text.Length > 0)
        {
            var at = text.LastIndexOfAny('\n', '\r');
            if (OneLine(text[(at + 1)..], most) is { Length: > 0 } line) return line;
            text = at < 0 ? [] : text[..at];
        }

        return "";
    }

    private static string Cut(StringBuilder line, int most)
    {
        var length = Math.Min(line.Length, most - 1);
        if (char.IsHighSurrogate(line[length - 1])) length--;
        line.Length = length;
        return line.Append(Ellipsis).ToString();
    }

    // Direction marks and the like would let a text rearrange the line it stands on; a lone surrogate reads as U+FFFD.
    private static bool IsVisible(Rune rune) => Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator
        or UnicodeCategory.ParagraphSeparator or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned);
}
