using Benchmarks.Measuring;

namespace Benchmarks.Uploading;

/// <summary>The figures of uploads as a table in Markdown, ready for docs/benchmarks.md.</summary>
internal static class UploadTable
{
    private const double Megabyte = 1e6;

    public static void Write(TextWriter output, UploadFigures figures)
    {
        output.WriteLine($"A file of {figures.Bytes / Megabyte:F0} MB: {Speed(figures.ReadSeconds)} MB/s from the page cache, {Speed(figures.LoopbackSeconds)} MB/s through one connection on loopback.");
        output.WriteLine();
        output.WriteLine("| | store: median MB/s (each) | bare library | ratio (limit ≥ 0.80) | store: peak above base (limit ≤ 128 MB) | bare library |");
        output.WriteLine("|---|---|---|---|---|---|");
        foreach (UploadPair pair in figures.Pairs)
            output.WriteLine($"| {pair.Service} | {Speeds(pair.Store)} | {Speeds(pair.Bare)} | {Median(pair.Bare) / Median(pair.Store):F2} | {Peak(pair.Store)} | {Peak(pair.Bare)} |");

        string Speed(double seconds) => $"{figures.Bytes / Megabyte / seconds:F0}";

        string Speeds(UploadFigure[] all) => $"{Speed(Median(all))} ({string.Join(", ", all.Select(each => Speed(each.Seconds)))})";
    }

    private static double Median(UploadFigure[] all) => Statistics.Median(all.Select(each => each.Seconds));

    private static string Peak(UploadFigure[] all) => $"{all.Max(each => each.PeakMebibytes) * (1 << 20) / Megabyte:F0} MB";
}
