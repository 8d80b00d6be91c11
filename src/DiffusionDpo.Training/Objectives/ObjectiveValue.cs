using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.Objectives;

/// <summary>An objective's value on a batch of n pairs. Only <see cref="Loss"/> carries a gradient. The tensors belong to the caller's dispose scope.</summary>
/// <param name="Loss">Scalar: Σ weight·loss / n.</param>
/// <param name="PairLosses">[n].</param>
/// <param name="Weights">[n], as given.</param>
public sealed record ObjectiveValue(Tensor Loss, Tensor PairLosses, Tensor Weights)
{
    private static readonly Scalar Half = 0.5;
    private static readonly Scalar One = 1;

    /// <summary>[n]: the margin of implicit rewards by which the policy, compared with the reference, prefers the winner; null without a reference.</summary>
    public Tensor? Logits { get; init; }

    /// <summary>σ(−logit) [n]: the share of its full gradient that each pair still exerts; null without a reference.</summary>
    public Tensor? GradientWeights => Logits?.neg().sigmoid();

    /// <summary>[n]: 1 where the policy agrees with the preference, ½ on a tie, else 0; null without a reference.</summary>
    public Tensor? Agreements => Logits is null ? null : Agreement(Logits);

    /// <summary>Sums over the pairs, [4] = Σ weight·(loss, agreement, logit, 1); NaN where there is no logit. They add up over micro-batches.</summary>
    public Tensor Totals()
    {
        Tensor none = full_like(PairLosses, double.NaN);
        Tensor perPair = stack([PairLosses, Agreements ?? none, Logits ?? none, ones_like(PairLosses)]);
        return (perPair * Weights).sum(1);
    }

    /// <summary>1 where a logit is positive, ½ where it is 0, else 0.</summary>
    /// <param name="logits">Any shape.</param>
    public static Tensor Agreement(Tensor logits) => (logits.sign() + One).mul_(Half);
}
