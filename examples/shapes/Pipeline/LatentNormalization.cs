using DiffusionDpo.Models.Autoencoders;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Shapes.Pipeline;

/// <summary>
/// Gives an autoencoder's latents mean 0 and deviation 1 in every channel, by its two 1 × 1 convolutions alone: the images stay what they were.
/// Sampling starts from noise of mean 0 though the schedule's last step still holds a little of the image (ᾱ = 0.0047; Lin et al. 2024, "Common
/// diffusion noise schedules and sample steps are flawed"); with latents off 0 that favours the colours whose latents are nearest to it.
/// </summary>
internal static class LatentNormalization
{
    /// <summary>Changes the two convolutions.</summary>
    /// <param name="network">The autoencoder.</param>
    /// <param name="latents">Means of its latents for some images, [N, C, h, w].</param>
    public static void Apply(AutoencoderKL network, Tensor latents)
    {
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Dictionary<string, Parameter> parameters = network.named_parameters().ToDictionary(one => one.name, one => one.parameter);
        Tensor mean = latents.mean([0, 2, 3]);
        Tensor deviation = latents.std([0, 2, 3]);
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
