using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.Objectives;

/// <summary>
/// Hinge loss on the logit (SLiC-HF, Zhao et al. 2023, with the reference's likelihood as in RSO, Liu et al. 2023): max(0, 1 − logit). A
/// pair pulls at full strength until its logit is 1, and then not at all. At initialisation it is 1.
/// </summary>
/// <param name="beta">β, on the mean squared error (code units): the reciprocal of the margin in h.</param>
public sealed class HingeObjective(double beta) : IObjective
{
    private static readonly Scalar One = 1;

    private readonly Scalar scale = Comparison.Scale(beta);

    /// <inheritdoc/>
    public bool LooksAtLosers => true;

    /// <inheritdoc/>
    public bool ComparesWithReference => true;

    /// <inheritdoc/>
    public ObjectiveValue Evaluate(Tensor policyErrors, Tensor? referenceErrors, Tensor weights)
    {
        Comparison pairs = Comparison.Of(policyErrors, referenceErrors, scale);
        return pairs.Value((One - pairs.Logits).relu(), weights);
    }
}
