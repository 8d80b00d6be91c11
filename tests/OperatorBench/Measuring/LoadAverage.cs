using System.Globalization;

namespace OperatorBench.Measuring;

/// <summary>How many threads of the whole machine want to run: above the number of cores, latencies say as much about the others.</summary>
internal static class LoadAverage
{
    public static double LastMinute() => double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture);
}
