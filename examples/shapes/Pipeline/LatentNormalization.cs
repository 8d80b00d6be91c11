using DiffusionDpo.Models.Autoencoders;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Shapes.Pipeline;

/// <summary>
/// Gives an autoencoder's latents mean 0 and deviation 1 in every channel, as diffusion expects them, by its two 1 × 1 convolutions alone: the
/// images stay what they were. (Stable Diffusion has one scaling factor for all channels, and leaves the mean.)
/// </summary>
internal static class LatentNormalization
{
    /// <summary>Changes the two convolutions.</summary>
    /// <param name="network">The autoencoder.</param>
    /// <param name="latents">Its latents for some images, [N, C, h, w].</param>
    public static void Apply(AutoencoderKL network, DiagonalGaussian latents)
    {
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Dictionary<string, Parameter> parameters = network.named_parameters().ToDictionary(one => one.name, one => one.parameter);
        Tensor mean = latents.Mean.mean([0, 2, 3]);
        Tensor deviation = ((latents.Mean - mean.view(1, -1, 1, 1)).square() + latents.Std.square()).mean([0, 2, 3]).sqrt();
        Encoder(parameters["quant_conv.weight"], parameters["quant_conv.bias"], mean, deviation);
        Decoder(parameters["post_quant_conv.weight"], parameters["post_quant_conv.bias"], mean, deviation);
    }

    /// <summary>z' = (z − mean) / deviation; the logarithm of z's variance follows.</summary>
    private static void Encoder(Tensor weight, Tensor bias, Tensor mean, Tensor deviation)
    {
        long channels = mean.numel();
        weight.narrow(0, 0, channels).div_(deviation.view(-1, 1, 1, 1));
        bias.narrow(0, 0, channels).sub_(mean).div_(deviation);
        bias.narrow(0, channels, channels).sub_(2 * deviation.log());
    }

    /// <summary>z = z' · deviation + mean.</summary>
    private static void Decoder(Tensor weight, Tensor bias, Tensor mean, Tensor deviation)
    {
        bias.add_(weight.flatten(1).mv(mean));
        weight.mul_(deviation.view(1, -1, 1, 1));
    }
}
