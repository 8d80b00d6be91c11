using DiffusionDpo.Api.Plans;
using DiffusionDpo.Models.Autoencoders;
using DiffusionDpo.Models.Loading;
using DiffusionDpo.Models.UNets;
using DiffusionDpo.Training.Objectives;
using DiffusionDpo.Training.Runs;
using TorchSharp;

namespace DiffusionDpo.Cli.DryRuns;

/// <summary>Estimates a run's memory from its options and the model's configuration.</summary>
internal static class MemoryEstimate
{
    private const int BytesPerNumber = sizeof(float);
    private const int Colours = 3;

    // Measured with a model of next to no size: libtorch, the runtime, the readers of parquet and images.
    private const long OfProgram = 340L << 20;

    // Input, norm, SiLU, result of a convolution, and the kernels' own copies of these, at the full size of the image: the encoder's widest place. Measured.
    private const int EncoderTensors = 8;

    // Gradients of activations while they are computed, the reference's forward pass, and what the allocator cannot use. Measured.
    private const double Slack = 1.5;

    /// <summary>Estimates it.</summary>
    /// <param name="file">The run file.</param>
    /// <param name="model">What is known of the model.</param>
    public static MemoryFacts Of(RunFile file, ModelFacts model)
    {
        ModelDirectory directory = ModelDirectory.Open(model.Source);
        UNetConfig unet = UNetConfig.FromFile(directory.FilePath("unet", "config.json"));
        AutoencoderConfig vae = AutoencoderConfig.FromFile(directory.FilePath("vae", "config.json"));
        IObjective objective = ObjectiveList.For(file.Training.Objective);
        int resolution = file.Data.Resolution!.Value, images = file.Training.MicroBatch * (objective.LooksAtLosers ? 2 : 1);
        long pixels = (long)resolution * resolution, network = model.Trained * BytesPerNumber;
        int side = resolution >> (vae.BlockOutChannels.Count - 1);
        long differentiated = (long)(images * UNetFootprint.Count(unet, side) * BytesPerNumber * Slack);
        long encoded = images * pixels * vae.BlockOutChannels[0] * BytesPerNumber * EncoderTensors;
        return new()
        {
            Policy = network,
            Reference = objective.ComparesWithReference ? network : 0,
            Gradients = network,
            Moments = 2 * network,
            Frozen = model.FrozenBytes,
            Activations = differentiated + encoded,
            Pairs = file.Data.PrefetchPairs * 2 * pixels * Colours * BytesPerNumber,
            Program = OfProgram,
            Available = ComputeDevices.Of(file.Training).type == DeviceType.CPU ? GC.GetGCMemoryInfo().TotalAvailableMemoryBytes : null,
        };
    }
}
