using System.Diagnostics;
using System.Text.Json;
using DiffusionDpo.Models.Schedules;

namespace Science.Mixtures;

/// <summary>
/// Trains in a process of its own. Two threads would do for the speed, but TorchSharp lets a collection that one of them causes take the number of
/// an operation from under the other ("tensor * 0.5" makes an object that nobody holds while the kernel runs).
/// </summary>
internal static class RingProcess
{
    /// <summary>The option by which this program tells itself to train and print the outcome.</summary>
    public const string Option = "--ring-run";

    public static RingOutcome Train(RingRun run)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "Science"), [Option, JsonSerializer.Serialize(run)])
        {
            RedirectStandardOutput = true, Environment = { ["OMP_NUM_THREADS"] = "1" },
        };
        using Process process = Process.Start(start)!;
        string outcome = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? JsonSerializer.Deserialize<RingOutcome>(outcome)! : throw new InvalidOperationException($"{run}: the process ended with {process.ExitCode}");
    }

    /// <summary>What the process does.</summary>
    public static void Answer(string run, TextWriter output, NoiseSchedule schedule) =>
        output.Write(JsonSerializer.Serialize(RingOutcome.Of(JsonSerializer.Deserialize<RingRun>(run)!, new(schedule), schedule)));
}
