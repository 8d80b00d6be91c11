using System.Globalization;
using System.Runtime.InteropServices;

namespace Benchmarks.Measuring;

/// <summary>Memory of this process as the kernel counts it.</summary>
internal static partial class ResidentMemory
{
    /// <summary>The most that was ever resident, in MiB.</summary>
    public static double PeakMebibytes() => Read("VmHWM:");

    /// <summary>What is resident now, in MiB: the pages of mapped files that were used are part of it.</summary>
    public static double Mebibytes() => Read("VmRSS:");

    /// <summary>
    /// Gives the C library's free memory back to the system, and lets the peak begin anew: what is resident then are the tensors that live on, and
    /// the peak of what follows, less that, is what steps need besides.
    /// </summary>
    public static void Settle()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        _ = Trim(0);
        File.WriteAllText("/proc/self/clear_refs", "5"); // proc(5): resets VmHWM
    }

    [LibraryImport("libc.so.6", EntryPoint = "malloc_trim")] private static partial int Trim(nuint pad);

    private static double Read(string entry)
    {
        string line = File.ReadLines("/proc/self/status").First(each => each.StartsWith(entry, StringComparison.Ordinal));
        return double.Parse(line[entry.Length..].Replace("kB", ""), CultureInfo.InvariantCulture) / 1024;
    }
}
