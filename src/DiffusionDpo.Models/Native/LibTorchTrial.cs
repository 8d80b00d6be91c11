using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Native;

/// <summary>
/// A few computations whose results are known: a libtorch whose inlined layouts differ from those that TorchSharp was compiled against gives
/// wrong shapes and values, not errors.
/// </summary>
internal static class LibTorchTrial
{
    private const double Tolerance = 1e-5;

    /// <summary>What is not as it should be.</summary>
    public static IEnumerable<string> Differences()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        using Scalar tiny = 1.0 / 512; // less than half of bf16's spacing at 1
        Tensor matrix = arange(6, ScalarType.Float32).view(2, 3);
        (string What, Tensor Result, float[] Expected, long[] Shape)[] trials =
        [
            ("sums", matrix.sum(1), [3, 12], [2]),
            ("matrix product", matrix.mm(matrix.t()), [5, 14, 14, 50], [2, 2]),
            ("convolution", nn.functional.conv2d(ones(1, 1, 3, 3), ones(1, 1, 2, 2)), [4, 4, 4, 4], [1, 1, 2, 2]),
            ("softmax", zeros(1, 2).softmax(1), [0.5f, 0.5f], [1, 2]),
            ("random numbers", Drawn(), [1.5409961f, -0.2934289f, -2.1787894f], [3]), // torch.manual_seed(0); torch.randn(3), on every platform
            ("bf16", (ones(1) + tiny).to(ScalarType.BFloat16).to(ScalarType.Float32), [1], [1]),
        ];
        foreach ((string what, Tensor result, float[] expected, long[] shape) in trials)
        {
            bool isRight = result.shape.SequenceEqual(shape) && result.data<float>().ToArray().Zip(expected).All(each => Math.Abs(each.First - each.Second) <= Tolerance);
            if (!isRight) yield return $"{what}: [{string.Join(", ", result.shape)}]";
        }
    }

    private static Tensor Drawn()
    {
        using var generator = new Generator(0);
        return randn(3, generator: generator);
    }
}
