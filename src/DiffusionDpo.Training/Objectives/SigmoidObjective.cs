using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.Objectives;

/// <summary>
/// Diffusion-DPO (Wallace et al. 2023, eq. 14): loss = −log σ(logit) of each pair. The mean over pairs is outside the logarithm. At initialisation
/// every logit is 0 and every loss ln 2.
/// </summary>
/// <param name="beta">β, on the mean squared error (code units).</param>
public sealed class SigmoidObjective(double beta) : IObjective
{
    private readonly Scalar scale = Comparison.Scale(beta);

    /// <inheritdoc/>
    public bool LooksAtLosers => true;

    /// <inheritdoc/>
    public bool ComparesWithReference => true;

    /// <inheritdoc/>
    public ObjectiveValue Evaluate(Tensor policyErrors, Tensor? referenceErrors, Tensor weights)
    {
        Comparison pairs = Comparison.Of(policyErrors, referenceErrors, scale);
        return pairs.Value(nn.functional.logsigmoid(pairs.Logits).neg(), weights);
    }
}
