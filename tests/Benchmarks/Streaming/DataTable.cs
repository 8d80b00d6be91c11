namespace Benchmarks.Streaming;

/// <summary>The figures of the data stream as a table in Markdown, ready for docs/benchmarks.md.</summary>
internal static class DataTable
{
    private const double Megabyte = 1e6;

    public static void Write(TextWriter output, IReadOnlyList<DataFigures> streams, ResumeFigures resume)
    {
        output.WriteLine($"| pairs of two JPEG files of 768 pixels, cut to 512², from | {string.Join(" | ", streams.Select(stream => stream.Place))} | limit |");
        output.WriteLine($"|---|{string.Concat(streams.Select(_ => "---|"))}---|");
        Row("decoding alone, pairs per second of processor time (and of the clock)", stream => $"{stream.DecoderPairsPerCpuSecond:F1} ({stream.DecoderPairsPerSecond:F1})", "");
        Row("loader, one thread that decodes", stream => $"{stream.LoaderPairsPerCpuSecond:F1} ({stream.LoaderPairsPerSecond:F1})", "");
        Row("loader over decoding, per core", stream => $"{100 * stream.LoaderPairsPerCpuSecond / stream.DecoderPairsPerCpuSecond:F0} %", "≥ 80 %");
        Row("bytes read over bytes of the needed column chunks", stream => $"{stream.Amplification:F3}", "≤ 1.05");
        Row("ranged reads per row group", stream => $"{stream.ReadsPerGroup:F1}", "");
        Row("the same shards through the store alone", stream => $"{stream.StoreBytesPerSecond / Megabyte:F0} MB/s", "");
        Row("what the loader takes of that", stream => $"{stream.LoaderPairsPerSecond * stream.BytesPerPair / Megabyte:F1} MB/s", "");
        Row("most resident", stream => $"{stream.PeakMebibytes:F0} MiB", "");
        output.WriteLine();
        output.WriteLine($"| a start at {resume.Pairs:N0} pairs | | limit |");
        output.WriteLine("|---|---|---|");
        output.WriteLine($"| manifest ({resume.ManifestBytes / 1000} kB) read and compared with its shards | {resume.ManifestSeconds:F2} s | |");
        output.WriteLine($"| first batch of {resume.Batch} pairs after the start of the process | {resume.FirstBatchSeconds:F2} s | ≤ 5 s |");
        output.WriteLine($"| memory of manifest and order: resident (living) | {resume.IndexMebibytes:F0} MiB ({resume.LiveMebibytes:F1}) | ≤ 200 MB |");

        void Row(string what, Func<DataFigures, string> figure, string limit) => output.WriteLine($"| {what} | {string.Join(" | ", streams.Select(figure))} | {limit} |");
    }
}
