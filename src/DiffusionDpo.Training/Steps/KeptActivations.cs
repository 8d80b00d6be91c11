using DiffusionDpo.Models.UNets;
using DiffusionDpo.Training.Batches;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.Steps;

/// <summary>Autograd keeps all activations.</summary>
/// <param name="policy">The network.</param>
public sealed class KeptActivations(nn.Module<Tensor, Tensor, Conditioning, Tensor> policy) : IBackpropagation
{
    /// <inheritdoc/>
    public Tensor Predict(DenoisingBatch batch) => policy.call(batch.NoisyLatents, batch.Timesteps, batch.Conditioning);

    /// <inheritdoc/>
    public void Backward(Tensor loss) => loss.backward();
}
