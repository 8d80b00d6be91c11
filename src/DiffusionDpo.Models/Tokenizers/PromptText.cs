using System.Text;

namespace DiffusionDpo.Models.Tokenizers;

/// <summary>What happens to a prompt before it is split into words, as the reference's fast tokenizer does it.</summary>
internal static class PromptText
{
    private const char CapitalDottedI = '\u0130';

    /// <summary>Unicode form C, each run of white space one space, lower case by character (a final sigma is a sigma like any other).</summary>
    public static string Normalize(string text) => LowerCase(CollapseSpace(CanonicalComposition.Normalize(text)));

    private static string CollapseSpace(string text)
    {
        StringBuilder collapsed = new(text.Length);
        foreach (char character in text)
        {
            bool space = char.IsWhiteSpace(character);
            if (!space) collapsed.Append(character);
            else if (collapsed.Length == 0 || collapsed[^1] != ' ') collapsed.Append(' ');
        }

        return collapsed.ToString();
    }

    // U+0130 alone has two characters for its lower case, which the framework's one-to-one mapping leaves out
    private static string LowerCase(string text) =>
        text.ToLowerInvariant().Replace($"{CapitalDottedI}", "i\u0307", StringComparison.Ordinal);
}
