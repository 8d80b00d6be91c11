using DiffusionDpo.Training.Batches;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.Steps;

/// <summary>How far a network's predictions are from the noise.</summary>
public static class DenoisingErrors
{
    /// <summary>
    /// E = mean over C, h, w of (ε_m(x_t, t, c) − ε)² for every row of a batch, times the row's weight where the batch has weights: [2n or n], in
    /// float32 whatever the network computes in (float64 for a float64 network): the logit is β times a difference of nearly equal errors.
    /// </summary>
    /// <param name="network">Takes noisy latents, timesteps and text states.</param>
    /// <param name="batch">The batch.</param>
    public static Tensor Of(nn.Module<Tensor, Tensor, Tensor, Tensor> network, DenoisingBatch batch)
    {
        using DisposeScope scope = NewDisposeScope();
        return Of(Residuals(network, batch), batch).MoveToOuterDisposeScope();
    }

    /// <summary>E from residuals.</summary>
    /// <param name="residuals">[2n or n, C, h, w].</param>
    /// <param name="batch">The batch.</param>
    public static Tensor Of(Tensor residuals, DenoisingBatch batch)
    {
        Tensor errors = residuals.square().mean([1, 2, 3]);
        return batch.ErrorWeights is { } weights ? errors * weights.to(errors.dtype) : errors;
    }

    /// <summary>ε_m(x_t, t, c) − ε of every row, in the caller's dispose scope.</summary>
    /// <param name="network">Takes noisy latents, timesteps and text states.</param>
    /// <param name="batch">The batch.</param>
    public static Tensor Residuals(nn.Module<Tensor, Tensor, Tensor, Tensor> network, DenoisingBatch batch)
    {
        Tensor prediction = network.call(batch.NoisyLatents, batch.Timesteps, batch.TextStates);
        ScalarType type = prediction.dtype == ScalarType.Float64 ? ScalarType.Float64 : ScalarType.Float32;
        return prediction.to(type) - batch.Noise.to(type);
    }
}
