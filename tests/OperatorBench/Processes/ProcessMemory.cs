using System.Globalization;

namespace OperatorBench.Processes;

/// <summary>What the kernel says of a process.</summary>
/// <param name="ResidentMiB">VmRSS.</param>
/// <param name="PeakMiB">VmHWM.</param>
/// <param name="CpuSeconds">User and system time so far.</param>
internal sealed record ProcessMemory(double ResidentMiB, double PeakMiB, double CpuSeconds)
{
    private const double KiBPerMiB = 1024;
    private const double TicksPerSecond = 100;

    public static ProcessMemory Of(int id)
    {
        var status = File.ReadAllLines($"/proc/{id}/status");
        // The name in brackets may hold spaces; fields are counted behind it.
        var fields = File.ReadAllText($"/proc/{id}/stat").Split(") ")[^1].Split(' ');
        return new ProcessMemory(Value(status, "VmRSS"), Value(status, "VmHWM"), (Number(fields[11]) + Number(fields[12])) / TicksPerSecond);
    }

    private static double Value(string[] status, string name) =>
        Number(status.First(line => line.StartsWith(name + ':', StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]) / KiBPerMiB;

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
