namespace DiffusionDpo.Api.Documents;

/// <summary>Shows users' text in messages of one line.</summary>
internal static class OneLine
{
    private const int Longest = 60;

    /// <summary>The text in quotes, shortened, control characters replaced.</summary>
    public static string Quote(string text)
    {
        var cut = text.Length > Longest ? string.Concat(text.AsSpan(0, Longest), "…") : text;
        return $"'{new string([.. cut.Select(c => char.IsControl(c) ? ' ' : c)])}'";
    }
}
