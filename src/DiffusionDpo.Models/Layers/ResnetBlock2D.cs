using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Layers;

/// <summary>The residual block of UNets and autoencoders: two times norm, SiLU, 3×3 convolution, with the time embedding added between.</summary>
internal sealed class ResnetBlock2D : nn.Module<Tensor, Tensor?, Tensor>
{
    [ComponentName(Name = "norm1")] private readonly GroupNorm norm1;
    [ComponentName(Name = "conv1")] private readonly Convolution2D convolution1;
    [ComponentName(Name = "time_emb_proj")] private readonly Linear? timeProjection;
    [ComponentName(Name = "norm2")] private readonly GroupNorm norm2;
    [ComponentName(Name = "conv2")] private readonly Convolution2D convolution2;
    [ComponentName(Name = "conv_shortcut")] private readonly Convolution2D? shortcut;

    public ResnetBlock2D(int inChannels, int outChannels, ResnetSettings settings, Device? device) : base(nameof(ResnetBlock2D))
    {
        norm1 = Layer.GroupNorm(settings.Groups, inChannels, settings.Epsilon, device);
        convolution1 = Layer.Convolution3x3(inChannels, outChannels, device);
        if (settings.TimeWidth is { } width) timeProjection = nn.Linear(width, outChannels, device: device);
        norm2 = Layer.GroupNorm(settings.Groups, outChannels, settings.Epsilon, device);
        convolution2 = Layer.Convolution3x3(outChannels, outChannels, device);
        if (inChannels != outChannels) shortcut = Layer.Convolution1x1(inChannels, outChannels, device);
        RegisterComponents();
    }

    /// <summary>[N, in, h, w] → [N, out, h, w].</summary>
    /// <param name="input">[N, in, h, w].</param>
    /// <param name="time">SiLU of the time embedding [N, width], which all blocks of the network share; null where there is none.</param>
    public override Tensor forward(Tensor input, Tensor? time)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor hidden = convolution1.call(norm1.call(input).silu());
        if (timeProjection is not null) hidden = hidden.Plus(timeProjection.call(time!).unsqueeze(2).unsqueeze(3));
        hidden = convolution2.call(norm2.call(hidden).silu());
        return hidden.Plus(shortcut is null ? input : shortcut.call(input)).MoveToOuterDisposeScope();
    }
}
