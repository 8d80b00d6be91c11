using DiffusionDpo.Training.Batches;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.Steps;

/// <summary>Where the reference errors of an objective come from.</summary>
public interface IReference
{
    /// <summary>E_ref of every row, without gradient; null for an objective that needs none.</summary>
    /// <param name="batch">The batch that the policy is asked about too.</param>
    Tensor? Errors(DenoisingBatch batch);
}
