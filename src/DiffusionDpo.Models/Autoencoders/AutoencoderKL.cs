using DiffusionDpo.Models.Layers;
using TorchSharp;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Autoencoders;

/// <summary>The variational autoencoder between images and latents. Parameters carry the published names.</summary>
public sealed class AutoencoderKL : nn.Module
{
    [ComponentName(Name = "encoder")] private readonly Encoder encoder;
    [ComponentName(Name = "decoder")] private readonly Decoder decoder;
    [ComponentName(Name = "quant_conv")] private readonly Convolution2D quantization;
    [ComponentName(Name = "post_quant_conv")] private readonly Convolution2D postQuantization;

    /// <summary>Creates the network.</summary>
    /// <param name="config">Its architecture.</param>
    /// <param name="device">Where its parameters are; on the meta device they have shapes only, to be loaded at no cost of initialisation.</param>
    public AutoencoderKL(AutoencoderConfig config, Device? device = null) : base(nameof(AutoencoderKL))
    {
        ScalingFactor = config.ScalingFactor;
        LatentChannels = config.LatentChannels;
        PixelsPerLatent = 1 << (config.BlockOutChannels.Count - 1);
        encoder = new(config, device);
        decoder = new(config, device);
        quantization = Layer.Convolution1x1(2 * config.LatentChannels, 2 * config.LatentChannels, device);
        postQuantization = Layer.Convolution1x1(config.LatentChannels, config.LatentChannels, device);
        RegisterComponents();
    }

    /// <summary>Latents are multiplied by it before diffusion and divided by it before decoding.</summary>
    public double ScalingFactor { get; }

    /// <summary>Channels of the latents, C.</summary>
    public int LatentChannels { get; }

    /// <summary>Pixels that one latent value spans in each direction: H = h times it.</summary>
    public int PixelsPerLatent { get; }

    /// <summary>The distribution of the latents of images; not scaled.</summary>
    /// <param name="images">[N, 3, H, W] in [−1, 1], in the network's number format.</param>
    /// <returns>
    /// Mean and variance [N, C, h, w], where each downsampler halves the size; in float32 whatever the network computes in (float64 for a float64
    /// network): what is drawn from it, and noise added to that, are not to be rounded by half precision.
    /// </returns>
    public DiagonalGaussian Encode(Tensor images)
    {
        using DisposeScope scope = NewDisposeScope();
        DiagonalGaussian posterior = Posterior(Moments(images));
        scope.MoveToOuter(posterior.Mean, posterior.LogVariance, posterior.Std);
        return posterior;
    }

    /// <summary>What the encoder says of images: mean and logarithm of the variance of their latents.</summary>
    /// <param name="images">[N, 3, H, W] in [−1, 1], in the network's number format.</param>
    /// <returns>[N, 2·C, h, w], contiguous, in the network's number format.</returns>
    public Tensor Moments(Tensor images)
    {
        using DisposeScope scope = NewDisposeScope();
        return quantization.call(encoder.call(images)).contiguous().MoveToOuterDisposeScope();
    }

    /// <summary>The distribution that moments describe, as <see cref="Encode"/> gives it.</summary>
    /// <param name="moments">[N, 2·C, h, w] of <see cref="Moments"/>.</param>
    public static DiagonalGaussian Posterior(Tensor moments)
    {
        using DisposeScope scope = NewDisposeScope();
        ScalarType type = moments.dtype == ScalarType.Float64 ? ScalarType.Float64 : ScalarType.Float32;
        Tensor[] meanAndLogVariance = moments.to(type).chunk(2, 1);
        DiagonalGaussian posterior = new(meanAndLogVariance[0], meanAndLogVariance[1]);
        scope.MoveToOuter(posterior.Mean, posterior.LogVariance, posterior.Std);
        return posterior;
    }

    /// <summary>The images of latents.</summary>
    /// <param name="latents">[N, C, h, w], already divided by the scaling factor.</param>
    /// <returns>[N, 3, H, W], about [−1, 1], not clamped.</returns>
    public Tensor Decode(Tensor latents)
    {
        using DisposeScope scope = NewDisposeScope();
        return decoder.call(postQuantization.call(latents)).MoveToOuterDisposeScope();
    }
}
