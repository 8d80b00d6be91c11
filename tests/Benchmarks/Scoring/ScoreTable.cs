namespace Benchmarks.Scoring;

/// <summary>The figures of scorers as a table in Markdown, ready for docs/benchmarks.md.</summary>
internal static class ScoreTable
{
    public static void Write(TextWriter output, IReadOnlyList<ScoreFigures> all)
    {
        output.WriteLine("| model | images/s | prompts/s | of the raw matrix product | decoded and prepared/s per thread | MiB |");
        output.WriteLine("|---|---|---|---|---|---|");
        foreach (ScoreFigures each in all)
            output.WriteLine($"| {each.Model} | {each.ImagesPerSecond:F2} | {each.PromptsPerSecond:F2} | {each.ImageGflops:F0} of {each.RawGflops:F0} GFLOP/s ({each.ImageGflops / each.RawGflops:P0}) | {each.PreparedPerSecond:F0} | {each.ResidentMebibytes:F0} |");
    }
}
