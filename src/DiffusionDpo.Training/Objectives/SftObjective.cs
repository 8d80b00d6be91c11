using static TorchSharp.torch;

namespace DiffusionDpo.Training.Objectives;

/// <summary>Supervised fine-tuning on the winners: the mean squared error of the noise prediction (Ho et al. 2020, eq. 14).</summary>
public sealed class SftObjective : IObjective
{
    /// <inheritdoc/>
    public bool LooksAtLosers => false;

    /// <inheritdoc/>
    public bool ComparesWithReference => false;

    /// <inheritdoc/>
    public ObjectiveValue Evaluate(Tensor policyErrors, Tensor? referenceErrors, Tensor weights) =>
        new((policyErrors * weights).mean(), policyErrors.detach(), weights);
}
