using DiffusionDpo.Training.Optimizers;
using DiffusionDpo.Training.Parameters;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.Checkpoints;

/// <summary>All tensors that a run carries from step to step.</summary>
/// <param name="Parameters">The network's weights.</param>
/// <param name="Optimizer">The moments.</param>
public sealed record TrainingState(FlatParameters Parameters, AdamW Optimizer)
{
    /// <summary>The weights' file, by diffusers' name.</summary>
    public const string WeightsFile = "unet/diffusion_pytorch_model.safetensors";

    /// <summary>The moments' file: <c>first.NAME</c> and <c>second.NAME</c> for every parameter.</summary>
    public const string OptimizerFile = "optimizer.safetensors";

    /// <summary>The tensors of each file, as views of the buffers; they belong to the caller's dispose scope.</summary>
    internal IEnumerable<(string Name, IReadOnlyList<(string Name, Tensor Tensor)> Tensors)> Files() =>
    [
        (WeightsFile, Parameters.Named(Parameters.Values)),
        (OptimizerFile, [.. Prefixed("first.", Optimizer.FirstMoments), .. Prefixed("second.", Optimizer.SecondMoments)]),
    ];

    private IEnumerable<(string Name, Tensor Tensor)> Prefixed(string prefix, Tensor buffer) =>
        Parameters.Named(buffer).Select(each => (prefix + each.Name, each.Tensor));
}
