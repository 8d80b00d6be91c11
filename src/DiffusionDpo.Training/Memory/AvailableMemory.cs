using System.Globalization;

namespace DiffusionDpo.Training.Memory;

/// <summary>Memory that this process may have: what the system can give besides what it has, within the limits of its control groups.</summary>
public static class AvailableMemory
{
    private const int Kibi = 1024;

    /// <summary>Bytes; null where the system does not say.</summary>
    public static long? OfThisProcess() => Read("/");

    /// <summary>The same from the files of a system.</summary>
    /// <param name="root">Where <c>proc</c> and <c>sys</c> are.</param>
    internal static long? Read(string root)
    {
        long? free = Entry(Path.Combine(root, "proc/meminfo"), "MemAvailable:"), own = Entry(Path.Combine(root, "proc/self/status"), "VmRSS:");
        long[] bounds = [.. Limits(root), .. free is null ? Array.Empty<long>() : [free.Value + (own ?? 0)]];
        return bounds.Length == 0 ? null : bounds.Min();
    }

    /// <summary>The most that was resident of this process; null where the system does not say.</summary>
    public static long? PeakOfThisProcess() => Entry("/proc/self/status", "VmHWM:");

    // Version 2 has one hierarchy, whose every level may have a limit; within a container the path is that of another name space, and the limit at the top.
    private static IEnumerable<long> Limits(string root)
    {
        string path = Lines(Path.Combine(root, "proc/self/cgroup")).FirstOrDefault(line => line.StartsWith("0::/", StringComparison.Ordinal))?[4..] ?? "";
        string top = Path.Combine(root, "sys/fs/cgroup");
        for (string level = path; ; level = Path.GetDirectoryName(level) ?? "")
        {
            if (Number(Path.Combine(top, level, "memory.max")) is { } limit) yield return limit;
            if (level.Length == 0) break;
        }

        if (Number(Path.Combine(top, "memory", "memory.limit_in_bytes")) is { } older) yield return older;
    }

    // "max" is no number.
    private static long? Number(string path) =>
        Lines(path).FirstOrDefault() is { } line && long.TryParse(line, CultureInfo.InvariantCulture, out long number) ? number : null;

    private static long? Entry(string path, string name) =>
        Lines(path).FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal)) is { } found
            && long.TryParse(found[name.Length..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture, out long number) ? number * Kibi : null;

    private static string[] Lines(string path)
    {
        try
        {
            return File.Exists(path) ? File.ReadAllLines(path) : [];
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            return []; // a limit that cannot be read limits nothing that is known
        }
    }
}
