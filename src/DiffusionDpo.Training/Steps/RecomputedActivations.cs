using DiffusionDpo.Models.Segments;
using DiffusionDpo.Models.UNets;
using DiffusionDpo.Training.Batches;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.Steps;

/// <summary>Activations inside the network's layers are computed a second time in the backward pass: <see cref="RecomputingTape"/>.</summary>
/// <param name="policy">The network.</param>
public sealed class RecomputedActivations(UNet2DConditionModel policy) : IBackpropagation, IDisposable
{
    private readonly RecomputingTape tape = new();
    private Tensor? prediction;

    /// <inheritdoc/>
    public Tensor Predict(DenoisingBatch batch)
    {
        using DisposeScope scope = NewDisposeScope();
        tape.Dispose(); // what a failed step has left
        Tensor output = policy.PredictOn(tape, batch.NoisyLatents, batch.Timesteps, batch.Conditioning);
        prediction = output.detach().requires_grad_(true).MoveToOuterDisposeScope();
        return prediction;
    }

    /// <inheritdoc/>
    public void Backward(Tensor loss)
    {
        loss.backward();
        if (prediction!.grad is { } gradient) tape.Backward(gradient);
    }

    /// <inheritdoc/>
    public void Dispose() => tape.Dispose();
}
