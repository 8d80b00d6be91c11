using DiffusionDpo.Training.Batches;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.Steps;

/// <summary>How the policy predicts and its gradient is taken. A prediction is followed by its backward pass before the next.</summary>
public interface IBackpropagation
{
    /// <summary>The policy's predictions for a batch, in the caller's dispose scope.</summary>
    /// <param name="batch">Its tensors live until the backward pass.</param>
    Tensor Predict(DenoisingBatch batch);

    /// <summary>Adds the gradient of a loss of the last predictions to that of the parameters.</summary>
    /// <param name="loss">Scalar.</param>
    void Backward(Tensor loss);
}
