using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.Objectives;

/// <summary>
/// An anchor on the winners beside another loss: loss + α·(E_θ,w − E_ref,w), the likelihood term that Pang et al. 2024 ("Iterative reasoning preference
/// optimization") add to DPO. Comparing only asks that the winner's error falls against the loser's; the anchor asks that it falls. Its gradient is that of
/// supervised fine-tuning with weight α; the reference's error is a constant, which leaves the loss of the start what it is.
/// </summary>
/// <param name="inner">A loss that compares with the reference.</param>
/// <param name="weight">α; at the start the sigmoid loss pulls at a winner's error with β/4.</param>
public sealed class WinnerAnchor(IObjective inner, double weight) : IObjective
{
    private readonly Scalar alpha = weight;

    /// <inheritdoc/>
    public bool LooksAtLosers => inner.LooksAtLosers;

    /// <inheritdoc/>
    public bool ComparesWithReference => inner.ComparesWithReference;

    /// <inheritdoc/>
    public ObjectiveValue Evaluate(Tensor policyErrors, Tensor? referenceErrors, Tensor weights)
    {
        ArgumentNullException.ThrowIfNull(referenceErrors);
        ObjectiveValue value = inner.Evaluate(policyErrors, referenceErrors, weights);
        Tensor anchors = (policyErrors.chunk(2)[0] - referenceErrors.chunk(2)[0]) * alpha;
        return value with { Loss = value.Loss + (anchors * weights).mean(), PairLosses = value.PairLosses + anchors.detach() };
    }
}
