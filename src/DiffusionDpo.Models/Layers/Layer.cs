using TorchSharp.Modules;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Layers;

/// <summary>The leaf modules that all networks share, in the forms they use.</summary>
internal static class Layer
{
    /// <summary>A group norm with ones and zeros in it: TorchSharp leaves its weights uninitialised.</summary>
    public static GroupNorm GroupNorm(int groups, int channels, double epsilon, Device? device)
    {
        GroupNorm norm = nn.GroupNorm(groups, channels, epsilon, device: device);
        nn.init.ones_(norm.weight);
        nn.init.zeros_(norm.bias!);
        return norm;
    }

    /// <summary>A 3×3 convolution that keeps the size.</summary>
    public static Convolution2D Convolution3x3(int inChannels, int outChannels, Device? device) =>
        new(inChannels, outChannels, size: 3, stride: 1, padding: 1, device);

    /// <summary>A convolution over channels alone.</summary>
    public static Convolution2D Convolution1x1(int inChannels, int outChannels, Device? device) =>
        new(inChannels, outChannels, size: 1, stride: 1, padding: 0, device);
}
