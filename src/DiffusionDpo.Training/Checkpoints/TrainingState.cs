using DiffusionDpo.Training.Optimizers;
using DiffusionDpo.Training.Parameters;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.Checkpoints;

/// <summary>All tensors that a run carries from step to step.</summary>
/// <param name="Parameters">The network's weights.</param>
/// <param name="Optimizer">Moments, or what else it keeps.</param>
/// <param name="Average">The weights' average; null where none is kept.</param>
public sealed record TrainingState(FlatParameters Parameters, IOptimizer Optimizer, MovingAverage? Average = null)
{
    /// <summary>The weights' file, by diffusers' name.</summary>
    public const string WeightsFile = "unet/diffusion_pytorch_model.safetensors";

    /// <summary>The optimizer's file, with the tensors of <see cref="IOptimizer.State"/>.</summary>
    public const string OptimizerFile = "optimizer.safetensors";

    /// <summary>The file of the weights' average, where there is one, by diffusers' name.</summary>
    public const string AverageFile = "unet_ema/diffusion_pytorch_model.safetensors";

    /// <summary>The tensors of each file, as views of the buffers; they belong to the caller's dispose scope.</summary>
    internal IEnumerable<(string Name, IReadOnlyList<(string Name, Tensor Tensor)> Tensors)> Files() =>
    [
        (WeightsFile, Parameters.Named(Parameters.Values)),
        (OptimizerFile, Optimizer.State()),
        .. Average is null ? [] : new[] { (AverageFile, Parameters.Named(Average.Values)) },
    ];
}
