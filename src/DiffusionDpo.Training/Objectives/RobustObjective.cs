using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.Objectives;

/// <summary>
/// Robust DPO (Chowdhury et al. 2024, "Provably robust DPO"): where labels are flipped with probability ε, the mean of
/// [(1 − ε)·ℓ(logit) − ε·ℓ(−logit)] / (1 − 2ε), ℓ(x) = −log σ(x), over flipped labels is that of ℓ over the true ones. At initialisation it is
/// ln 2. It has no lower bound: the pull on a pair never falls below ε/(1 − 2ε).
/// </summary>
/// <param name="beta">β, on the mean squared error (code units).</param>
/// <param name="flipRate">ε in [0, ½).</param>
public sealed class RobustObjective(double beta, double flipRate) : IObjective
{
    private readonly Scalar scale = Comparison.Scale(beta);
    private readonly Scalar asLabelled = (flipRate - 1) / (1 - (2 * flipRate));
    private readonly Scalar exchanged = flipRate / (1 - (2 * flipRate));

    /// <inheritdoc/>
    public bool LooksAtLosers => true;

    /// <inheritdoc/>
    public bool ComparesWithReference => true;

    /// <inheritdoc/>
    public ObjectiveValue Evaluate(Tensor policyErrors, Tensor? referenceErrors, Tensor weights)
    {
        Comparison pairs = Comparison.Of(policyErrors, referenceErrors, scale);
        Tensor losses = (nn.functional.logsigmoid(pairs.Logits) * asLabelled) + (nn.functional.logsigmoid(pairs.Logits.neg()) * exchanged);
        return pairs.Value(losses, weights);
    }
}
