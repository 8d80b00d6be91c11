using System.Diagnostics;
using System.Text.Json;
using Benchmarks.Cases;

namespace Benchmarks.Measuring;

/// <summary>Measures in a process of its own: peak memory and OpenMP's threads are properties of a process.</summary>
internal static class ChildProcess
{
    /// <summary>The option by which this program tells itself to measure and print the figures as one JSON value.</summary>
    public const string MeasureOption = "--measure";

    /// <summary>The option by which it tells itself to measure a part of a benchmark: its name and arguments.</summary>
    public const string PartOption = "--part";

    public static Figures Measure(BenchCase bench, int threads) =>
        Measure<Figures>(
            threads, MeasureOption, "--case", bench.Name, "--threads", $"{threads}", "--checkpointing", $"{bench.Checkpointing}", "--precision", $"{bench.Precision}");

    /// <summary>Measures a part of a benchmark.</summary>
    public static T MeasurePart<T>(int threads, string part, params string[] arguments) => Measure<T>(threads, [PartOption, part, .. arguments]);

    /// <summary>Runs this program with the arguments that make it measure something.</summary>
    private static T Measure<T>(int threads, params string[] arguments)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, arguments)
        {
            Environment = { ["OMP_NUM_THREADS"] = $"{threads}" },
            RedirectStandardOutput = true,
            RedirectStandardError = true, // libtorch warns at every small convolution where NNPACK does not know the processor
        };
        using Process process = Process.Start(start)!;
        Task<string> complaints = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode == 0) return JsonSerializer.Deserialize<T>(output)!;
        Console.Error.WriteLine(complaints.Result);
        throw new InvalidOperationException($"{string.Join(' ', arguments)}: the measuring process ended with {process.ExitCode}");
    }
}
