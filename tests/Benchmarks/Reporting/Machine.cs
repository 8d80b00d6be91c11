using System.Globalization;
using System.Runtime.InteropServices;
using TorchSharp;

namespace Benchmarks.Reporting;

/// <summary>Where and when the figures come from.</summary>
internal static class Machine
{
    private const string ModelEntry = "model name";

    public static string Line()
    {
        string date = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);
        string load = File.ReadAllText("/proc/loadavg").Split(' ')[0];
        return $"{date} · {Model()} · {Environment.ProcessorCount} cores, load {load} before · {RuntimeInformation.FrameworkDescription}"
            + $" · TorchSharp {Version(typeof(torch))}, libtorch {torch.__version__}";
    }

    private static string Model() =>
        File.ReadLines("/proc/cpuinfo").First(line => line.StartsWith(ModelEntry, StringComparison.Ordinal)).Split(':')[1].Trim();

    private static string Version(Type type) => type.Assembly.GetName().Version!.ToString(3);
}
