using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.Objectives;

/// <summary>
/// Conservative DPO (Mitchell 2023, "A note on DPO with noisy preferences and relationship to IPO", eq. 3): a share ε of the labels is taken to be
/// wrong, loss = −(1 − ε)·log σ(logit) − ε·log σ(−logit). A pair pulls until σ(logit) = 1 − ε, and back beyond that. At initialisation it is ln 2.
/// </summary>
/// <param name="beta">β, on the mean squared error (code units).</param>
/// <param name="labelSmoothing">ε in [0, ½).</param>
public sealed class SmoothedSigmoidObjective(double beta, double labelSmoothing) : IObjective
{
    private readonly Scalar scale = Comparison.Scale(beta);
    private readonly Scalar asLabelled = labelSmoothing - 1;
    private readonly Scalar exchanged = -labelSmoothing;

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
