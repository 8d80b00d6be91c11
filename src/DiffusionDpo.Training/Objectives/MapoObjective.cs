using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.Objectives;

/// <summary>
/// MaPO (Hong et al. 2024, "Margin-aware preference optimization for aligning diffusion models without reference", as in its authors' code):
/// loss = E_w − γ·log σ(logit), logit = T·[φ(s·E_w) − φ(s·E_l)], φ(x) = x/(eˣ − 1), T = 1000, s = ½. There is no reference: the winner's error
/// is minimised as in supervised fine-tuning, and its score φ is set above the loser's.
/// </summary>
/// <remarks>
/// φ falls from 1 to 0 and is bounded, so that a loser's error cannot be raised for ever. A logit is positive exactly where the winner's error is
/// the smaller one, E_w &lt; E_l: this is what agreement means here. Images differ in how hard they are to denoise, so the base model stands at no
/// known share; what counts is what training adds.
/// </remarks>
/// <param name="marginWeight">γ, the authors' beta: 0.1.</param>
public sealed class MapoObjective(double marginWeight) : IObjective
{
    private const double Sharpness = 0.5;
    private const double Timesteps = 1000;

    // Below, eˣ − 1 would lose digits; the series is exact in float64 there.
    private static readonly Scalar Small = 1e-3;
    private static readonly Scalar One = 1;
    private static readonly Scalar MinusHalf = -0.5;
    private static readonly Scalar Twelfth = 1 / 12.0;
    private static readonly Scalar S = Sharpness;
    private static readonly Scalar T = Timesteps;

    private readonly Scalar gamma = marginWeight;

    /// <inheritdoc/>
    public bool LooksAtLosers => true;

    /// <inheritdoc/>
    public bool ComparesWithReference => false;

    /// <inheritdoc/>
    public ObjectiveValue Evaluate(Tensor policyErrors, Tensor? referenceErrors, Tensor weights)
    {
        Tensor winners = policyErrors.chunk(2)[0];
        Tensor[] scores = Score(policyErrors * S).chunk(2);
        Tensor logits = (scores[0] - scores[1]) * T;
        Tensor losses = winners - (nn.functional.logsigmoid(logits) * gamma);
        return new((losses * weights).mean(), losses.detach(), weights) { Logits = logits.detach() };
    }

    // φ(x) = x·e⁻ˣ/(1 − e⁻ˣ): nothing overflows. Both branches are finite everywhere, or the gradient of `where` would not be.
    private static Tensor Score(Tensor x)
    {
        Tensor large = x.clamp_min(Small);
        Tensor exact = large * large.neg().exp() / large.neg().expm1().neg();
        Tensor series = (x * MinusHalf) + (x.square() * Twelfth) + One;
        return where(x.lt(Small), series, exact);
    }
}
