using System.Runtime.InteropServices;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.Plans;

namespace DiffusionDpo.Cli.Stages;

/// <summary>Memory that could not be had, as the failure of a run: it is no defect, and there is something to do about it.</summary>
internal static class MemoryFailure
{
    // The words of libtorch's allocators, which have no types.
    private static readonly string[] s_ofGpu =
    [
        "CUDA out of memory", "CUDA error: out of memory", "CUBLAS_STATUS_ALLOC_FAILED", "CUBLAS_STATUS_NOT_INITIALIZED", "CUDNN_STATUS_ALLOC_FAILED", "unable to find an engine to execute this computation",
    ];

    private static readonly string[] s_ofHost = ["can't allocate memory", "not enough memory", "Cannot allocate memory"];

    /// <summary>Runs a stage.</summary>
    /// <param name="file">Its run file.</param>
    /// <param name="stage">The stage.</param>
    /// <exception cref="RunException">What the stage throws; CUDA out of memory or configuration error where memory was short, as <see cref="GpuFailure"/> where the GPU failed.</exception>
    public static void Translate(RunFile file, Action stage)
    {
        try
        {
            stage();
        }
        catch (Exception cause) when ((Of(cause, file) ?? GpuFailure.Of(cause)) is { } failure)
        {
            throw failure;
        }
    }

    /// <summary>Whether memory was short, the GPU's or the machine's.</summary>
    /// <param name="cause">What was thrown.</param>
    public static bool Is(Exception cause) => IsOfGpu(cause) || IsOfHost(cause);

    /// <summary>The failure, if memory was short; null otherwise.</summary>
    /// <param name="cause">What was thrown.</param>
    /// <param name="file">The run file.</param>
    public static RunException? Of(Exception cause, RunFile file)
    {
        string asked = $"micro-batches of {file.Training.MicroBatch} pairs at {file.Data.Resolution} pixels";
        if (IsOfGpu(cause))
            return new(ExitClass.CudaOutOfMemory, $"the GPU has too little memory for {asked}; lower training.microBatch or data.resolution", cause);
        if (IsOfHost(cause))
        {
            return new(
                ExitClass.ConfigurationError,
                $"too little memory for {asked}; `ddpo run FILE --dry-run` estimates what is needed; set training.gradientCheckpointing: blocks, or lower training.microBatch, data.resolution or data.prefetchPairs",
                cause);
        }

        return null;
    }

    private static bool IsOfGpu(Exception cause) => cause is ExternalException && s_ofGpu.Any(words => cause.Message.Contains(words, StringComparison.Ordinal));

    private static bool IsOfHost(Exception cause) =>
        cause is OutOfMemoryException || (cause is ExternalException && s_ofHost.Any(words => cause.Message.Contains(words, StringComparison.Ordinal)));
}
