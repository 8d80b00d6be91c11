using DiffusionDpo.Api.Options;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.Runs;

/// <summary>Where the networks of a run compute.</summary>
public static class ComputeDevices
{
    /// <summary>The device that options mean on this machine; a GPU that is asked for and not there is refused before.</summary>
    /// <param name="options">The options.</param>
    public static Device Of(TrainingOptions options) => options.Device != ComputeDevice.Cpu && cuda_is_available() ? CUDA : CPU;
}
