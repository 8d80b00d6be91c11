using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.Objectives;

/// <summary>
/// IPO (Azar et al. 2023, eq. 17), times β²: β²·(h − 1/(2β))² = (logit − ½)². A pair pulls its logit to ½ from both sides, so that labels without
/// exception do not drive the policy away from the reference. At initialisation it is ¼.
/// </summary>
/// <remarks>
/// The factor β² changes no optimum. Without it gradients are 10⁻⁷ of the other losses' at β = 5000: AdamW's ε would exceed them, and a clipping
/// norm would mean something else.
/// </remarks>
/// <param name="beta">β (the paper's τ), on the mean squared error (code units).</param>
public sealed class IpoObjective(double beta) : IObjective
{
    private static readonly Scalar Target = 0.5;

    private readonly Scalar scale = Comparison.Scale(beta);

    /// <inheritdoc/>
    public bool LooksAtLosers => true;

    /// <inheritdoc/>
    public bool ComparesWithReference => true;

    /// <inheritdoc/>
    public ObjectiveValue Evaluate(Tensor policyErrors, Tensor? referenceErrors, Tensor weights)
    {
        Comparison pairs = Comparison.Of(policyErrors, referenceErrors, scale);
        return pairs.Value((pairs.Logits - Target).square(), weights);
    }
}
