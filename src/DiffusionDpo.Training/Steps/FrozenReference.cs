using DiffusionDpo.Models.UNets;
using DiffusionDpo.Training.Batches;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.Steps;

/// <summary>A second network of the policy's architecture, number format and device: at the start both give the same bits, so every logit is exactly 0.</summary>
/// <param name="network">Never updated.</param>
public sealed class FrozenReference(nn.Module<Tensor, Tensor, Conditioning, Tensor> network) : IReference
{
    /// <inheritdoc/>
    public Tensor? Errors(DenoisingBatch batch)
    {
        using IDisposable noGradient = no_grad();
        return DenoisingErrors.Of(network, batch);
    }
}
