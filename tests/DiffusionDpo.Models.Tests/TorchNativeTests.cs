using DiffusionDpo.Models.Native;
using Xunit;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Tests;

public sealed class TorchNativeTests
{
    [Fact]
    public unsafe void Tensor_over_foreign_memory_sees_it_without_a_copy()
    {
        float[] memory = [1, 2, 3, 4, 5, 6];
        fixed (float* at = memory)
        {
            using Tensor tensor = TorchNative.FromBlob((nint)at, [2, 3], ScalarType.Float32);
            memory[4] = 50;
            Assert.Equal(50f, tensor[1, 1].item<float>());
            Assert.Equal([3L, 1L], tensor.stride());
            Assert.Equal((nint)at, TorchNative.DataPointer(tensor));
        }
    }

    [Fact]
    public void Dispatcher_reaches_an_operator_that_takes_a_list()
    {
        using Tensor a = arange(4, dtype: ScalarType.Float32);
        Span<ulong> stack = [TorchNative.Argument([a, a]), 0];
        TorchNative.Call("aten::cat", "", stack);
        using Tensor joined = Tensor.UnsafeCreateTensor((nint)stack[0]);
        Assert.Equal([0f, 1, 2, 3, 0, 1, 2, 3], joined.data<float>().ToArray());
    }
}
