using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Autoencoders;

/// <summary>The encoder's posterior: an independent normal distribution for every latent value. Its tensors belong to the caller's dispose scope.</summary>
public sealed class DiagonalGaussian
{
    private static readonly Scalar LogVarianceMin = -30;
    private static readonly Scalar LogVarianceMax = 20;
    private static readonly Scalar Half = 0.5;
    private static readonly Scalar One = 1;

    /// <summary>Creates it from mean and logarithm of the variance, which is clamped to [−30, 20].</summary>
    /// <param name="mean">[N, C, h, w].</param>
    /// <param name="logVariance">[N, C, h, w].</param>
    public DiagonalGaussian(Tensor mean, Tensor logVariance)
    {
        Mean = mean;
        LogVariance = logVariance.clamp(LogVarianceMin, LogVarianceMax);
        Std = (LogVariance * Half).exp_();
    }

    /// <summary>[N, C, h, w].</summary>
    public Tensor Mean { get; }

    /// <summary>Logarithm of the variance [N, C, h, w], within [−30, 20].</summary>
    public Tensor LogVariance { get; }

    /// <summary>Standard deviation [N, C, h, w].</summary>
    public Tensor Std { get; }

    /// <summary>mean + std·noise: a draw, not yet scaled.</summary>
    /// <param name="noise">Standard normal [N, C, h, w].</param>
    public Tensor Sample(Tensor noise) => Mean.addcmul(Std, noise, One);
}
