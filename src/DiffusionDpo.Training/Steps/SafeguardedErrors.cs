using DiffusionDpo.Training.Batches;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.Steps;

/// <summary>
/// The safeguard of Diffusion-SDPO (Fu et al. 2025): a loser's gradient is scaled by λ = (1 − μ)·‖g_w‖²/⟨g_w, g_l⟩, at most 1, where ⟨g_w, g_l⟩ is positive,
/// and left alone where it is not. g are the gradients of the errors by the predictions. To first order in the predictions, a loss that pulls
/// at both errors of a pair with one strength then lowers the winner's error by μ of what supervised fine-tuning would, at least.
/// </summary>
/// <remarks>
/// λ is each pair's own. (The authors' code has one for a micro-batch, from sums over its pairs: the same where a micro-batch is a pair, and
/// otherwise a result that depends on how a batch is cut.) With g = 2·(ε_θ − ε)/d it is (1 − μ)·E_w over the mean product of both residuals.
/// Logits and losses keep their values, to the bit.
/// </remarks>
/// <param name="margin">μ in [0, 1].</param>
public sealed class SafeguardedErrors(double margin) : IPolicyErrors
{
    private static readonly Scalar Zero = 0;
    private static readonly Scalar One = 1;

    private readonly Scalar share = 1 - margin;

    /// <inheritdoc/>
    public Tensor Of(Tensor predictions, DenoisingBatch batch)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor residuals = DenoisingErrors.Residuals(predictions, batch);
        Tensor[] errors = DenoisingErrors.OfResiduals(residuals, batch).chunk(2);
        Tensor loser = errors[1].detach(), scales = LoserScales(residuals.detach());
        return cat([errors[0], loser + ((errors[1] - loser) * scales)]).MoveToOuterDisposeScope();
    }

    /// <summary>λ of each pair [n].</summary>
    /// <param name="residuals">ε_θ − ε [2n, C, h, w], winners then losers.</param>
    public Tensor LoserScales(Tensor residuals)
    {
        Tensor[] halves = residuals.chunk(2);
        Tensor winner = halves[0].square().mean([1, 2, 3]) * share, common = (halves[0] * halves[1]).mean([1, 2, 3]);
        // Where nothing is to be scaled the quotient is not looked at: 0/0 there is no NaN here.
        return where(common.gt(Zero), (winner / common).clamp_max(One), ones_like(common));
    }
}
