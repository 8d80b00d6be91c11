using System.Globalization;

namespace Benchmarks.Measuring;

/// <summary>Memory of this process as the kernel counts it.</summary>
internal static class ResidentMemory
{
    private const string Peak = "VmHWM:";

    /// <summary>The most that was ever resident, in MiB.</summary>
    public static double PeakMebibytes()
    {
        string line = File.ReadLines("/proc/self/status").First(each => each.StartsWith(Peak, StringComparison.Ordinal));
        return double.Parse(line[Peak.Length..].Replace("kB", ""), CultureInfo.InvariantCulture) / 1024;
    }
}
