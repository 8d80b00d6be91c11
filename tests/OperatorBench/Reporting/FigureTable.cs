namespace OperatorBench.Reporting;

/// <summary>The figures as the table that docs/benchmarks.md has.</summary>
internal static class FigureTable
{
    public static string Write(IReadOnlyList<Figure> figures) => string.Join('\n',
    [
        "| what | limit | figure |",
        "|---|---|---|",
        .. figures.Select(figure => $"| {figure.What} | {(figure.Limit is { } limit ? $"≤ {limit:0.#} {figure.Unit}".TrimEnd() : "–")} | {$"{figure.Value:0.##} {figure.Unit}".TrimEnd()}{(figure.IsMissed ? " **missed**" : "")} |"),
    ]);
}
