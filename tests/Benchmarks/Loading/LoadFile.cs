using DiffusionDpo.Models.Safetensors;
using static TorchSharp.torch;

namespace Benchmarks.Loading;

/// <summary>A safetensors file of 5 GB of random numbers.</summary>
internal static class LoadFile
{
    private const int Tensors = 250;
    private const long Elements = 5_000_000; // 20 MB in float32

    public static void Write(string path)
    {
        manual_seed(0);
        SafetensorsWriter.WriteFile(path, [.. Enumerable.Range(0, Tensors)
            .Select(index => new TensorToWrite($"blocks.{index:D3}.weight", ScalarType.Float32, [Elements], () => randn(Elements)))]);
    }
}
