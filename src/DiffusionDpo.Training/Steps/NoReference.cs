using DiffusionDpo.Training.Batches;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.Steps;

/// <summary>For objectives that look at the policy alone.</summary>
public sealed class NoReference : IReference
{
    /// <inheritdoc/>
    public Tensor? Errors(DenoisingBatch batch) => null;
}
