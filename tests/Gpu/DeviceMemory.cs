using DiffusionDpo.Models.Native;
using DiffusionDpo.Training.Memory;
using TorchSharp;
using static TorchSharp.torch;

namespace Gpu;

/// <summary>The memory that plans are held against is known where there is a GPU.</summary>
internal static class DeviceMemory
{
    private const long Least = 1L << 30, Most = 1L << 40;

    public static IEnumerable<Check> On(Device device)
    {
        if (device.type != DeviceType.CUDA) yield break;
        long? total = GpuMemory.Total();
        yield return new("memory of the GPU", total is { } bytes ? ByteCount.Of(bytes) : "unknown", $"{ByteCount.Of(Least)} to {ByteCount.Of(Most)}", total is >= Least and <= Most);
    }
}
