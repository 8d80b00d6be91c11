using DiffusionDpo.Api.Options;
using DiffusionDpo.Models.Native;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.Runs;

/// <summary>Where the networks of a run compute.</summary>
public static class ComputeDevices
{
    /// <summary>The device that options mean on this machine; a GPU that is asked for and not there is refused before.</summary>
    /// <param name="options">The options.</param>
    public static Device Of(TrainingOptions options) => options.Device != ComputeDevice.Cpu && cuda_is_available() ? CUDA : CPU;

    /// <summary>
    /// The same, to be computed on from now on: what float32 means on GPUs is set for this whole process, until it is asked again. libtorch itself would let
    /// convolutions round to TF32 and matrix products not.
    /// </summary>
    /// <param name="options">The options.</param>
    public static Device Use(TrainingOptions options)
    {
        TorchNative.DisableCudnnAttention();
        (backends.cuda.matmul.allow_tf32, backends.cudnn.allow_tf32) = (options.Tf32, options.Tf32);
        return Of(options);
    }
}
