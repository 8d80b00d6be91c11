using TorchSharp.Utils;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Layers;

/// <summary>Enlarges to a given height and width by nearest neighbour, then smooths by a 3×3 convolution.</summary>
internal sealed class Upsample2D : nn.Module<Tensor, long[], Tensor>
{
    [ComponentName(Name = "conv")] private readonly Convolution2D convolution;

    public Upsample2D(int channels, Device? device) : base(nameof(Upsample2D))
    {
        convolution = Layer.Convolution3x3(channels, channels, device);
        RegisterComponents();
    }

    /// <summary>[N, C, h, w] → [N, C, size].</summary>
    public override Tensor forward(Tensor input, long[] size)
    {
        using Tensor enlarged = nn.functional.interpolate(input, size, mode: InterpolationMode.Nearest);
        return convolution.call(enlarged);
    }
}
