using System.Globalization;

namespace Benchmarks.Measuring;

/// <summary>Memory of this process as the kernel counts it.</summary>
internal static class ResidentMemory
{
    /// <summary>The most that was ever resident, in MiB.</summary>
    public static double PeakMebibytes() => Read("VmHWM:");

    /// <summary>What is resident now, in MiB: the pages of mapped files that were used are part of it.</summary>
    public static double Mebibytes() => Read("VmRSS:");

    private static double Read(string entry)
    {
        string line = File.ReadLines("/proc/self/status").First(each => each.StartsWith(entry, StringComparison.Ordinal));
        return double.Parse(line[entry.Length..].Replace("kB", ""), CultureInfo.InvariantCulture) / 1024;
    }
}
