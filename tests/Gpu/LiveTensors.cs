using TorchSharp;
using static TorchSharp.torch;

namespace Gpu;

/// <summary>A step leaves no tensor behind: what it takes of the device it gives back.</summary>
internal static class LiveTensors
{
    private const int Steps = 10;

    public static IEnumerable<Check> On(Device device)
    {
        using SmallStep step = new(device, ScalarType.BFloat16);
        Run();
        Run();
        long before = Tensor.TotalCount;
        for (int i = 0; i < Steps; i++) Run();
        yield return new($"tensors that {Steps} steps leave", $"{Tensor.TotalCount - before}", "0", Tensor.TotalCount == before);

        void Run()
        {
            using DisposeScope scope = NewDisposeScope();
            step.Run();
        }
    }
}
