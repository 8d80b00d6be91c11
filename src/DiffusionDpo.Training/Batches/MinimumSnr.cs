using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.Batches;

/// <summary>
/// Min-SNR weighting (Hang et al. 2023, "Efficient diffusion training via min-SNR weighting strategy"): the weight of an error where the
/// error of the predicted image would have min(SNR, γ), SNR = ᾱ_t/(1 − ᾱ_t).
/// </summary>
public static class MinimumSnr
{
    private static readonly Scalar One = 1;

    /// <summary>min(SNR, γ)/SNR, for predicted noise: 1 where there is more noise than γ allows, less and less towards the clean image.</summary>
    /// <param name="signalToNoise">SNR of each row; 0 gives 1.</param>
    /// <param name="gamma">γ.</param>
    public static Tensor OfNoise(Tensor signalToNoise, double gamma)
    {
        using Scalar inverse = 1 / gamma;
        return (signalToNoise * inverse).reciprocal().clamp_max(One);
    }

    /// <summary>min(SNR, γ)/(SNR + 1), for predicted velocities.</summary>
    /// <param name="signalToNoise">SNR of each row.</param>
    /// <param name="gamma">γ.</param>
    public static Tensor OfVelocity(Tensor signalToNoise, double gamma)
    {
        using Scalar most = gamma;
        return signalToNoise.clamp_max(most) / (signalToNoise + One);
    }
}
