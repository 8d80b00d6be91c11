using System.Runtime.InteropServices;
using DiffusionDpo.Api.Plans;
using DiffusionDpo.Cli.Display;
using DiffusionDpo.Training.Runs;
using TorchSharp;

namespace DiffusionDpo.Cli.Stages;

/// <summary>What a run depends on besides its options.</summary>
internal static class RunEnvironment
{
    /// <summary>The event with which a process begins to work on a run.</summary>
    public const string Event = "environment";

    /// <summary>Tells of the program, the machine and the device.</summary>
    /// <param name="file">The run file.</param>
    public static Notice Describe(RunFile file)
    {
        string device = ComputeDevices.Of(file.Training).type.ToString().ToLowerInvariant();
        string version = typeof(RunEnvironment).Assembly.GetName().Version!.ToString(3);
        long memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 30;
        return new(Event, $"ddpo {version} on {device}, {torch.get_num_threads()} threads, {memory} GiB", new Dictionary<string, object?>
        {
            ["ddpo"] = version,
            ["device"] = device,
            ["threads"] = torch.get_num_threads(),
            ["memoryGiB"] = memory,
            ["libtorch"] = torch.__version__,
            ["runtime"] = RuntimeInformation.FrameworkDescription,
            ["system"] = $"{RuntimeInformation.OSDescription} ({RuntimeInformation.OSArchitecture})",
        });
    }
}
