using System.Diagnostics;
using System.Globalization;

namespace FullSize;

/// <summary>What a run of <c>ddpo</c> in a process of its own took.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Lines">All that it said.</param>
/// <param name="PeakMebibytes">The most that was resident: until the last checkpoint was written, and to the end.</param>
/// <param name="Duration">From start to end.</param>
internal sealed record Outcome(int ExitCode, IReadOnlyList<string> Lines, (double Training, double All) PeakMebibytes, TimeSpan Duration)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(200);

    /// <summary>Runs it; its lines are passed on as they come.</summary>
    public static async Task<Outcome> OfAsync(string program, params string[] arguments)
    {
        long started = Stopwatch.GetTimestamp();
        List<string> lines = [];
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task[] readers = [ReadAsync(process.StandardOutput, lines), ReadAsync(process.StandardError, lines)];
        double training = 0, peak = 0;
        while (!process.HasExited)
        {
            peak = Math.Max(peak, Peak(process.Id));
            if (!IsTrained(lines)) training = peak;
            await Task.Delay(LookEvery, TimeProvider.System);
        }

        await Task.WhenAll(readers);
        return new(process.ExitCode, lines, (training, peak), Stopwatch.GetElapsedTime(started));
    }

    private static bool IsTrained(List<string> lines)
    {
        lock (lines) return lines.Any(line => line.Contains(" saved to ", StringComparison.Ordinal));
    }

    private static async Task ReadAsync(StreamReader reader, List<string> lines)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            lock (lines) lines.Add(line);
            Console.WriteLine(line);
        }
    }

    // VmHWM, which the kernel keeps: looking now and then misses nothing but the very end
    private static double Peak(int process)
    {
        try
        {
            const string Entry = "VmHWM:";
            string? line = File.ReadLines($"/proc/{process}/status").FirstOrDefault(each => each.StartsWith(Entry, StringComparison.Ordinal));
            return line is null ? 0 : double.Parse(line[Entry.Length..].Replace("kB", ""), CultureInfo.InvariantCulture) / 1024;
        }
        catch (IOException)
        {
            return 0; // it has just ended
        }
    }
}
