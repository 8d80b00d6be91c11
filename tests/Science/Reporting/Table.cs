namespace Science.Reporting;

/// <summary>A table of the page.</summary>
public sealed record Table(IReadOnlyList<string> Head, IReadOnlyList<IReadOnlyList<string>> Rows)
{
    public string ToMarkdown() => string.Join('\n', [Line(Head), Line([.. Head.Select(_ => "---")]), .. Rows.Select(Line)]);

    private static string Line(IReadOnlyList<string> cells) => $"| {string.Join(" | ", cells.Select(cell => cell.Replace("|", "\\|", StringComparison.Ordinal)))} |";
}
