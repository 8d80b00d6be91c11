using DiffusionDpo.Models.UNets;
using DiffusionDpo.Training.Batches;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.Steps;

/// <summary>How far a network's predictions are from what they should be.</summary>
public static class DenoisingErrors
{
    /// <summary>
    /// E = mean over C, h, w of (ε_m(x_t, t, c) − ε)² (of v-prediction: v) for every row of a batch, times the row's weight where the batch has weights:
    /// [2n or n], in float32 whatever the network computes in (float64 for a float64 network): the logit is β times a difference of nearly equal errors.
    /// </summary>
    /// <param name="network">Takes noisy latents, timesteps and conditioning.</param>
    /// <param name="batch">The batch.</param>
    public static Tensor Of(nn.Module<Tensor, Tensor, Conditioning, Tensor> network, DenoisingBatch batch)
    {
        using DisposeScope scope = NewDisposeScope();
        return Of(network.call(batch.NoisyLatents, batch.Timesteps, batch.Conditioning), batch).MoveToOuterDisposeScope();
    }

    /// <summary>The errors of predictions that are there.</summary>
    /// <param name="predictions">ε_m(x_t, t, c) [2n or n, C, h, w].</param>
    /// <param name="batch">The batch.</param>
    public static Tensor Of(Tensor predictions, DenoisingBatch batch)
    {
        using DisposeScope scope = NewDisposeScope();
        return OfResiduals(Residuals(predictions, batch), batch).MoveToOuterDisposeScope();
    }

    /// <summary>E from residuals, in the caller's dispose scope.</summary>
    /// <param name="residuals">[2n or n, C, h, w].</param>
    /// <param name="batch">The batch.</param>
    public static Tensor OfResiduals(Tensor residuals, DenoisingBatch batch)
    {
        Tensor errors = (residuals * residuals).mean([1, 2, 3]);
        return batch.ErrorWeights is { } weights ? errors * weights.to(errors.dtype) : errors;
    }

    /// <summary>Prediction − target of every row, in the caller's dispose scope.</summary>
    /// <param name="predictions">ε_m(x_t, t, c) [2n or n, C, h, w].</param>
    /// <param name="batch">The batch.</param>
    public static Tensor Residuals(Tensor predictions, DenoisingBatch batch)
    {
        ScalarType type = predictions.dtype == ScalarType.Float64 ? ScalarType.Float64 : ScalarType.Float32;
        return predictions.to(type) - batch.Target.to(type);
    }
}
