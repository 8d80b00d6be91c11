using DiffusionDpo.Cli.Display;
using DiffusionDpo.Cli.Reports;

namespace DiffusionDpo.Cli.Stages;

/// <summary>What a finished run says last: what was learned, where the model is, what to try next.</summary>
internal static class RunSummary
{
    /// <summary>Writes it.</summary>
    /// <param name="directory">The run's directory.</param>
    /// <param name="output">Where to.</param>
    public static void Write(RunDirectory directory, TextWriter output)
    {
        RunLog log = RunLog.Read(directory.LogPath);
        output.WriteLine();
        if (log.HeldOutBefore is { } before && log.HeldOutAfter is { } after)
        {
            output.WriteLine("Held-out implicit accuracy (share of unseen comparisons the model agrees with):");
            output.WriteLine($"  before  {TrainingNotices.Describe(before)}");
            output.WriteLine($"  after   {TrainingNotices.Describe(after)}");
        }

        output.WriteLine($"Model:    {Shorten(directory.Model)}");
        if (directory.HasAdapters) output.WriteLine($"LoRA:     {Shorten(directory.Adapters)}");
        output.WriteLine($"Report:   {Shorten($"{directory.Location}/{RunReport.Name}")}");
        output.WriteLine($"Events:   {Shorten($"{directory.Location}/{RunDirectory.LogName}")}");
        output.WriteLine($"Try next: {Program()} sample {Shorten(directory.Model)} --prompt \"…\" --output sample.png");
    }

    // A command that can be pasted: this program is not on every user's PATH.
    private static string Program()
    {
        string? path = Environment.ProcessPath;
        string[] places = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        return Path.GetFileName(path) != "ddpo" || places.Contains(Path.GetDirectoryName(path)) ? "ddpo" : Shorten(path!);
    }

    private static string Shorten(string path)
    {
        if (path.Contains("://", StringComparison.Ordinal)) return path;
        string relative = Path.GetRelativePath(Environment.CurrentDirectory, path);
        return relative.StartsWith("..", StringComparison.Ordinal) ? path : relative;
    }
}
