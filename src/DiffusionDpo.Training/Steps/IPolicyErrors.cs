using DiffusionDpo.Training.Batches;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.Steps;

/// <summary>
/// The policy's errors as an objective sees them: their values are those of <see cref="DenoisingErrors"/>; how much of an error's gradient reaches
/// the network may differ from image to image.
/// </summary>
public interface IPolicyErrors
{
    /// <summary>E_θ of every row of a batch, with gradient.</summary>
    /// <param name="predictions">The policy's [2n or n, C, h, w].</param>
    /// <param name="batch">The batch.</param>
    Tensor Of(Tensor predictions, DenoisingBatch batch);
}
