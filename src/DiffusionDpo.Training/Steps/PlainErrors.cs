using DiffusionDpo.Training.Batches;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.Steps;

/// <summary>Every error with its whole gradient.</summary>
public sealed class PlainErrors : IPolicyErrors
{
    /// <inheritdoc/>
    public Tensor Of(Tensor prediction, DenoisingBatch batch) => DenoisingErrors.Of(prediction, batch);
}
