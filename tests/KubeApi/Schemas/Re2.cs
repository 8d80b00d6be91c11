using System.Text;
using System.Text.RegularExpressions;

namespace KubeApi.Schemas;

/// <summary>Regular expressions as the API server's engine reads them, where .NET reads the same text differently.</summary>
internal static class Re2
{
    public static bool IsMatch(string text, string pattern) => Regex.IsMatch(text, Translate(pattern), RegexOptions.CultureInvariant);

    /// <summary>RE2's $ is the end of the text alone; .NET's also stands before a last line break.</summary>
    public static string Translate(string pattern)
    {
        var translated = new StringBuilder(pattern.Length);
        var inClass = false;
        for (var index = 0; index < pattern.Length; index++)
        {
            var letter = pattern[index];
            if (letter == '\\' && index + 1 < pattern.Length)
            {
                translated.Append(letter).Append(pattern[++index]);
                continue;
            }

            inClass = inClass ? letter != ']' : letter == '[';
            translated.Append(letter == '$' && !inClass ? @"\z" : letter.ToString());
        }

        return translated.ToString();
    }
}
