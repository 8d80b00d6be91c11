using DiffusionDpo.Models.Adapters;
using DiffusionDpo.Models.UNets;
using DiffusionDpo.Training.Batches;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.Steps;

/// <summary>The policy itself with its adapters switched off: a reference that takes no memory.</summary>
/// <param name="policy">The network.</param>
/// <param name="adapters">Its adapters.</param>
public sealed class AdaptersOff(nn.Module<Tensor, Tensor, Conditioning, Tensor> policy, LoraAdapters adapters) : IReference
{
    /// <inheritdoc/>
    public Tensor? Errors(DenoisingBatch batch)
    {
        using IDisposable noGradient = no_grad();
        adapters.IsEnabled = false;
        try
        {
            return DenoisingErrors.Of(policy, batch);
        }
        finally
        {
            adapters.IsEnabled = true;
        }
    }
}
