using System.Runtime.InteropServices;
using DiffusionDpo.Api.Failures;

namespace DiffusionDpo.Cli.Stages;

/// <summary>Failures of a GPU that are not of its memory, by the words of libtorch, which has no types for them.</summary>
internal static class GpuFailure
{
    private const string NoKernels = "no kernel image is available";
    private const string ProgramsOwn = "device-side assert"; // an index that is out of range, on any GPU
    private static readonly string[] s_words = ["CUDA error:", "CUBLAS_STATUS_", "CUDNN_STATUS_", "cuDNN error:"];

    /// <summary>The failure, if a GPU or its driver is the cause; null otherwise.</summary>
    /// <param name="cause">What was thrown; of too little memory <see cref="MemoryFailure"/> has been asked before.</param>
    public static RunException? Of(Exception cause)
    {
        if (cause is not ExternalException || cause.Message.Contains(ProgramsOwn, StringComparison.Ordinal)) return null;
        string line = cause.Message.ReplaceLineEndings("\n").Split('\n')[0];
        if (cause.Message.Contains(NoKernels, StringComparison.Ordinal))
            return new(ExitClass.ConfigurationError, $"this libtorch has no kernels for the GPU here ({line}); use another GPU, or name the torch/lib of a PyTorch that has them by DDPO_LIBTORCH", cause);
        return s_words.Any(word => cause.Message.Contains(word, StringComparison.Ordinal))
            ? new(ExitClass.GpuFault, $"the GPU failed: {line}; `nvidia-smi -q` and the kernel's log (Xid) say more; the run goes on from its last checkpoint, best on another node", cause)
            : null;
    }
}
