using System.Buffers;
using System.Globalization;
using System.Text;
using Microsoft.ML.Tokenizers;

namespace DiffusionDpo.Models.Tokenizers;

/// <summary>
/// CLIP's split of a normalised prompt: an English contraction, a run of letters, one digit, or a run of anything else that is not white space.
/// By hand and not by a regular expression, because that would not see the letters outside the basic plane as letters.
/// </summary>
internal sealed class WordSplitter : PreTokenizer
{
    private static readonly string[] Contractions = ["'s", "'t", "'re", "'ve", "'m", "'ll", "'d"];

    private enum Kind
    {
        Space,
        Letter,
        Number,
        Other,
    }

    public override IEnumerable<(int Offset, int Length)> PreTokenize(string text) => PreTokenize(text.AsSpan());

    public override IEnumerable<(int Offset, int Length)> PreTokenize(ReadOnlySpan<char> text)
    {
        List<(int, int)> words = [];
        for (int at = 0; at < text.Length;)
        {
            Kind kind = KindAt(text[at..], out int length);
            if (kind != Kind.Space)
            {
                if (Contraction(text[at..]) is > 0 and var contraction) length = contraction;
                else if (kind != Kind.Number) length += RunOf(kind, text[(at + length)..]);
                words.Add((at, length));
            }

            at += length;
        }

        return words;
    }

    private static int Contraction(ReadOnlySpan<char> text)
    {
        if (text[0] != '\'') return 0;
        foreach (string contraction in Contractions)
        {
            if (text.StartsWith(contraction, StringComparison.Ordinal)) return contraction.Length;
        }

        return 0;
    }

    private static int RunOf(Kind kind, ReadOnlySpan<char> text)
    {
        int run = 0;
        while (run < text.Length && KindAt(text[run..], out int length) == kind) run += length;
        return run;
    }

    private static Kind KindAt(ReadOnlySpan<char> text, out int length)
    {
        // ill-formed text is an OperationStatus here, never an exception
        OperationStatus _ = Rune.DecodeFromUtf16(text, out Rune rune, out length);
        if (Rune.IsWhiteSpace(rune)) return Kind.Space;
        return Rune.GetUnicodeCategory(rune) switch
        {
            <= UnicodeCategory.OtherLetter => Kind.Letter, // the five letter categories come first
            UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => Kind.Number,
            _ => Kind.Other,
        };
    }
}
