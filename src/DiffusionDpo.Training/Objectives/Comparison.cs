using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.Objectives;

/// <summary>
/// Pairs as the policy, compared with the reference, sees them: logit = −½·β·[(E_θ,w − E_ref,w) − (E_θ,l − E_ref,l)] (Wallace et al. 2023, eq. 14).
/// It is β·h, where h is the difference of log-likelihood ratios that papers on language models write.
/// </summary>
/// <param name="Logits">[n], with gradient.</param>
/// <param name="Excess">E_θ − E_ref [2n], winners then losers, with gradient.</param>
/// <param name="ReferenceErrors">E_ref [2n].</param>
internal sealed record Comparison(Tensor Logits, Tensor Excess, Tensor ReferenceErrors)
{
    /// <summary>What a logit is multiplied by to become −½·β times a difference of excesses.</summary>
    /// <param name="beta">β, on the mean squared error (code units).</param>
    public static Scalar Scale(double beta) => -0.5 * beta;

    /// <summary>Compares.</summary>
    /// <param name="policyErrors">E_θ [2n].</param>
    /// <param name="referenceErrors">E_ref [2n].</param>
    /// <param name="scale"><see cref="Scale"/> of β.</param>
    public static Comparison Of(Tensor policyErrors, Tensor? referenceErrors, Scalar scale)
    {
        ArgumentNullException.ThrowIfNull(referenceErrors);
        Tensor excess = policyErrors - referenceErrors;
        Tensor[] halves = excess.chunk(2);
        return new((halves[0] - halves[1]) * scale, excess, referenceErrors);
    }

    /// <summary>The objective's value.</summary>
    /// <param name="losses">[n], with gradient.</param>
    /// <param name="weights">[n].</param>
    public ObjectiveValue Value(Tensor losses, Tensor weights) => new((losses * weights).mean(), losses.detach(), weights)
    {
        Logits = Logits.detach(), Excess = Excess.detach(), ReferenceErrors = ReferenceErrors,
    };
}
