using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Science.Interruptions;

/// <summary>A real <c>ddpo run</c>.</summary>
public static class DdpoRun
{
    private const int KilledExitCode = 128 + 9;

    /// <summary>Runs until a step is reported, then kills it by SIGKILL. Gives the step that it started from.</summary>
    public static int Killed(string file, int step) => Run(file, step);

    /// <summary>Runs to its end. Gives the step that it started from.</summary>
    public static int ToTheEnd(string file) => Run(file, int.MaxValue);

    private static int Run(string file, int killAt)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "ddpo"), ["run", file, "--json"])
        {
            RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Path.GetDirectoryName(file), Environment = { ["OMP_NUM_THREADS"] = "1" },
        };
        using Process process = Process.Start(start)!;
        Task<string> complaints = process.StandardError.ReadToEndAsync();
        (int from, bool killed) = (0, false);
        while (process.StandardOutput.ReadLine() is { } line)
        {
            JsonNode happened = JsonNode.Parse(line)!;
            if ((string?)happened["event"] == "train") from = (int)happened["step"]!;
            if ((string?)happened["event"] != "step" || (int)happened["step"]! < killAt || killed) continue;
            process.Kill();
            killed = true;
        }

        process.WaitForExit();
        if (process.ExitCode == (killed ? KilledExitCode : 0)) return from;
        throw new InvalidOperationException($"ddpo run ended with {process.ExitCode}: {complaints.Result}");
    }
}
