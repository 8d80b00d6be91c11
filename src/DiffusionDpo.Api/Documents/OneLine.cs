namespace DiffusionDpo.Api.Documents;

/// <summary>Shows users' text in messages of one line.</summary>
internal static class OneLine
{
    private const int Longest = 60;
    private const int LongestMessage = 300;

    /// <summary>The text in quotes, shortened, without control characters.</summary>
    public static string Quote(string text) => $"'{Clean(text.Length > Longest ? string.Concat(text.AsSpan(0, Longest), "…") : text)}'";

    /// <summary>What a parser says, which may quote the whole text: shortened, without control characters.</summary>
    public static string Message(string text) => Clean(text.Length > LongestMessage ? string.Concat(text.AsSpan(0, LongestMessage), "…") : text);

    /// <summary>The text without control characters.</summary>
    public static string Clean(string text) => new([.. text.Select(c => char.IsControl(c) ? ' ' : c)]);
}
