using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.Objectives;

/// <summary>
/// Diffusion-DPO (Wallace et al. 2023, eq. 14): logit = −½·β·[(E_θ,w − E_ref,w) − (E_θ,l − E_ref,l)], loss = −log σ(logit) of each pair. The mean
/// over pairs is outside the logarithm. At initialisation every logit is 0 and every loss ln 2.
/// </summary>
/// <param name="beta">β, on the mean squared error (code units).</param>
public sealed class SigmoidObjective(double beta) : IObjective
{
    private readonly Scalar scale = -0.5 * beta;

    /// <inheritdoc/>
    public bool ComparesWithReference => true;

    /// <inheritdoc/>
    public ObjectiveValue Evaluate(Tensor policyErrors, Tensor? referenceErrors, Tensor weights)
    {
        ArgumentNullException.ThrowIfNull(referenceErrors);
        Tensor excess = policyErrors - referenceErrors; // winners, then losers: [2n]
        Tensor[] halves = excess.chunk(2);
        Tensor logits = (halves[0] - halves[1]) * scale;
        Tensor losses = nn.functional.logsigmoid(logits).neg();
        return new((losses * weights).mean(), losses.detach(), weights) { Logits = logits.detach(), Excess = excess.detach(), ReferenceErrors = referenceErrors };
    }
}
