using System.Runtime.InteropServices;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Cli.Stages;
using Xunit;

namespace DiffusionDpo.Cli.Tests.Stages;

/// <summary>By the words that libtorch is known to say; no GPU was there to say them.</summary>
public sealed class GpuFailureTests
{
    [Theory]
    [InlineData("CUDA error: uncorrectable ECC error encountered\nCUDA kernel errors might be asynchronously reported", ExitClass.GpuFault)]
    [InlineData("CUDA error: an illegal memory access was encountered", ExitClass.GpuFault)]
    [InlineData("CUDA error: CUBLAS_STATUS_EXECUTION_FAILED when calling `cublasGemmEx`", ExitClass.GpuFault)]
    [InlineData("cuDNN error: CUDNN_STATUS_EXECUTION_FAILED", ExitClass.GpuFault)]
    [InlineData("CUDA error: no kernel image is available for execution on the device", ExitClass.ConfigurationError)]
    [InlineData("CUDA error: device-side assert triggered", null)]
    [InlineData("The size of tensor a (2) must match the size of tensor b (3)", null)]
    public void What_fails_on_a_GPU_is_told_apart_by_its_words(string words, ExitClass? expected)
    {
        RunException? failure = GpuFailure.Of(new LibtorchFailure(words));
        Assert.Equal(expected, failure?.ExitClass);
        Assert.DoesNotContain('\n', failure?.Message ?? "");
        Assert.False(MemoryFailure.Is(new LibtorchFailure(words)));
    }

    [Theory]
    [InlineData("CUDA out of memory. Tried to allocate 2.00 GiB")]
    [InlineData("CUDA error: out of memory")]
    [InlineData("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`")]
    [InlineData("GET was unable to find an engine to execute this computation")]
    public void Too_little_memory_is_no_fault_of_the_GPU(string words) => Assert.True(MemoryFailure.Is(new LibtorchFailure(words)));

    [Fact]
    public void Others_failures_are_not_the_GPUs() => Assert.Null(GpuFailure.Of(new InvalidOperationException("CUDA error: ECC")));

    private sealed class LibtorchFailure(string words) : ExternalException(words);
}
