namespace Benchmarks.Streaming;

/// <summary>The figures of the data stream as a table in Markdown, ready for docs/benchmarks.md.</summary>
internal static class DataTable
{
    private const double Megabyte = 1e6;

    public static void Write(TextWriter output, DataFigures stream, ResumeFigures resume)
    {
        output.WriteLine("| pairs of two JPEG files of 768 pixels, cut to 512² | | limit |");
        output.WriteLine("|---|---|---|");
        Row("decoding alone, pairs per second of processor time (and of the clock)", $"{stream.DecoderPairsPerCpuSecond:F1} ({stream.DecoderPairsPerSecond:F1})", "");
        Row("loader, one thread that decodes", $"{stream.LoaderPairsPerCpuSecond:F1} ({stream.LoaderPairsPerSecond:F1})", "");
        Row("loader over decoding, per core", $"{100 * stream.LoaderPairsPerCpuSecond / stream.DecoderPairsPerCpuSecond:F0} %", "≥ 80 %");
        Row("bytes read over bytes of the needed column chunks", $"{stream.Amplification:F3}", "≤ 1.05");
        Row("ranged reads per row group", $"{stream.ReadsPerGroup:F1}", "");
        Row("the same shards through the store alone", $"{stream.StoreBytesPerSecond / Megabyte:F0} MB/s", "");
        Row("what the loader takes of that", $"{stream.LoaderPairsPerSecond * stream.BytesPerPair / Megabyte:F1} MB/s", "");
        Row("most resident", $"{stream.PeakMebibytes:F0} MiB", "");
        Row($"start at {resume.Pairs:N0} pairs: manifest ({resume.ManifestBytes / 1000} kB) read and compared with its shards", $"{resume.ManifestSeconds:F2} s", "");
        Row($"first batch of {resume.Batch} pairs after the start of the process", $"{resume.FirstBatchSeconds:F2} s", "≤ 5 s");
        Row("memory of manifest and order: resident (living)", $"{resume.IndexMebibytes:F0} MiB ({resume.LiveMebibytes:F1})", "≤ 200 MB");

        void Row(string what, string figure, string limit) => output.WriteLine($"| {what} | {figure} | {limit} |");
    }
}
