using DiffusionDpo.Models.UNets;
using DiffusionDpo.Training.Batches;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.Steps;

/// <summary>Every error with its whole gradient.</summary>
public sealed class PlainErrors : IPolicyErrors
{
    /// <inheritdoc/>
    public Tensor Of(nn.Module<Tensor, Tensor, Conditioning, Tensor> network, DenoisingBatch batch) => DenoisingErrors.Of(network, batch);
}
