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

    /// <summary>[n]: the margin by which the policy prefers the winner, compared with the reference where there is one; null where losers are not looked at.</summary>
    public Tensor? Logits { get; init; }

    /// <summary>
    /// E_θ − E_ref [2n], winners then losers; null without a reference. A policy that learns makes the losers' positive; when the winners' grows
    /// too, it unlearns to draw.
    /// </summary>
    public Tensor? Excess { get; init; }

    /// <summary>E_ref [2n], winners then losers: the scale of <see cref="Excess"/>; null without a reference.</summary>
    public Tensor? ReferenceErrors { get; init; }

    /// <summary>σ(−logit) [n]: the share of its full gradient that each pair still exerts under the sigmoid loss; null without logits.</summary>
    public Tensor? GradientWeights => Logits?.neg().sigmoid();

    /// <summary>[n]: 1 where the policy agrees with the preference, ½ on a tie, else 0; null without logits.</summary>
    public Tensor? Agreements => Logits is null ? null : Agreement(Logits);

    /// <summary>
    /// Sums over the pairs, [7] = Σ weight·(loss, agreement, logit, excess of the winner, excess of the loser, the reference's error of the winner,
    /// 1); NaN for what there is not. They add up over micro-batches.
    /// </summary>
    public Tensor Totals()
    {
        Tensor none = full_like(PairLosses, double.NaN);
        Tensor[] excess = Excess?.chunk(2) ?? [none, none];
        Tensor perPair = stack([PairLosses, Agreements ?? none, Logits ?? none, .. excess, ReferenceErrors?.chunk(2)[0] ?? none, ones_like(PairLosses)]);
        return (perPair * Weights).sum(1);
    }

    /// <summary>1 where a logit is positive, ½ where it is 0, else 0.</summary>
    /// <param name="logits">Any shape.</param>
    public static Tensor Agreement(Tensor logits) => (logits.sign() + One).mul_(Half);
}
