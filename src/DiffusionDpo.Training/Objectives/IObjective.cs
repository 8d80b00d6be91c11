using static TorchSharp.torch;

namespace DiffusionDpo.Training.Objectives;

/// <summary>What is minimised: a pure function of the denoising errors of a batch of pairs.</summary>
public interface IObjective
{
    /// <summary>Whether losers are looked at too. If so, errors are [2n], n winners then n losers; else they are [n], winners only.</summary>
    bool LooksAtLosers { get; }

    /// <summary>Whether the policy is compared with the reference, whose errors are needed then.</summary>
    bool ComparesWithReference { get; }

    /// <summary>The loss of a batch of n pairs: Σ weight·loss / n.</summary>
    /// <remarks>
    /// The divisor is n and not Σ weight, so that the gradient of a global batch is the plain mean over its micro-batches however the pairs of
    /// weight 0 (rows found bad late) fall among them or among ranks, and a micro-batch of such pairs alone gives 0.
    /// </remarks>
    /// <param name="policyErrors">E_θ: mean squared error of each image's prediction, float32 or float64, with gradient.</param>
    /// <param name="referenceErrors">E_ref, of the same shape; null where there is no reference.</param>
    /// <param name="weights">[n]: 1, or 0 for a pair that contributes nothing; its errors must be finite all the same.</param>
    ObjectiveValue Evaluate(Tensor policyErrors, Tensor? referenceErrors, Tensor weights);
}
