using DiffusionDpo.Training.Batches;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.Steps;

/// <summary>Every error with its whole gradient.</summary>
public sealed class PlainErrors : IPolicyErrors
{
    /// <inheritdoc/>
    public Tensor Of(Tensor predictions, DenoisingBatch batch) => DenoisingErrors.Of(predictions, batch);
}
