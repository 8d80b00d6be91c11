using TorchSharp.Utils;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Layers;

/// <summary>Halves height and width by a 3×3 convolution of stride 2.</summary>
internal sealed class Downsample2D : nn.Module<Tensor, Tensor>
{
    private readonly bool padsFarSideOnly;
    [ComponentName(Name = "conv")] private readonly Convolution2D convolution;

    /// <summary>Creates it.</summary>
    /// <param name="channels">Channels in and out.</param>
    /// <param name="padding">1 pads all sides by one; 0 pads right and bottom only, as autoencoders do.</param>
    /// <param name="device">Where the parameters are.</param>
    public Downsample2D(int channels, int padding, Device? device) : base(nameof(Downsample2D))
    {
        padsFarSideOnly = padding == 0;
        convolution = new(channels, channels, size: 3, stride: 2, padding, device);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        if (!padsFarSideOnly) return convolution.call(input);
        using Tensor padded = nn.functional.pad(input, (0, 1, 0, 1));
        return convolution.call(padded);
    }
}
