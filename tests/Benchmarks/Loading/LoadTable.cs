namespace Benchmarks.Loading;

/// <summary>The figures of loading as a table in Markdown, ready for docs/benchmarks.md.</summary>
internal static class LoadTable
{
    private const double Megabyte = 1e6;
    private const double Mebibyte = 1 << 20;

    public static void Write(TextWriter output, LoadFigures figures)
    {
        output.WriteLine($"| {figures.FileBytes / Megabyte:F0} MB in {figures.Tensors} tensors | |");
        output.WriteLine("|---|---|");
        Row("open: map, check the header, make all tensors", $"{1000 * figures.OpenSeconds:F1} ms, {figures.OpenMebibytes:F1} MiB more resident");
        Row($"use of {figures.UsedBytes / Mebibyte:F0} MiB of it", $"{figures.UsedMebibytes:F0} MiB more resident");
        Row("read every number, first time", Speed(figures, figures.TouchSeconds));
        Row("read every number again", Speed(figures, figures.MappedSeconds));
        Row("copy every tensor into fresh memory", Speed(figures, figures.CopySeconds));
        Row("`cat file > /dev/null`", Speed(figures, figures.CatSeconds));
        Row("first reading over `cat`", $"{figures.CatSeconds / figures.TouchSeconds:F2}");

        void Row(string what, string figure) => output.WriteLine($"| {what} | {figure} |");
    }

    private static string Speed(LoadFigures figures, double seconds) => $"{figures.FileBytes / Megabyte / seconds:F0} MB/s ({seconds:F2} s)";
}
