using System.Globalization;

namespace DiffusionDpo.Cli.DryRuns;

/// <summary>The most memory that this process had.</summary>
internal static class PeakMemory
{
    private const string Line = "VmHWM:";
    private const int Kibi = 1024;

    /// <summary>Resident bytes at their peak; null where the system does not say.</summary>
    public static long? OfThisProcess()
    {
        const string Status = "/proc/self/status";
        string? line = File.Exists(Status) ? File.ReadLines(Status).FirstOrDefault(one => one.StartsWith(Line, StringComparison.Ordinal)) : null;
        return line is null ? null : Kibi * long.Parse(line[Line.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)[0], CultureInfo.InvariantCulture);
    }
}
