using DiffusionDpo.Models.Layers;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Autoencoders;

/// <summary>The lowest resolution of encoder and decoder: attention between two residual blocks.</summary>
internal sealed class MidBlock : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "resnets")] private readonly ModuleList<ResnetBlock2D> resnets;
    [ComponentName(Name = "attentions")] private readonly ModuleList<PixelAttention> attentions;

    public MidBlock(int channels, ResnetSettings settings, Device? device) : base(nameof(MidBlock))
    {
        resnets = [new ResnetBlock2D(channels, channels, settings, device), new ResnetBlock2D(channels, channels, settings, device)];
        attentions = [new PixelAttention(channels, settings, device)];
        RegisterComponents();
    }

    /// <summary>[N, C, h, w] → [N, C, h, w].</summary>
    public override Tensor forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        return resnets[1].call(attentions[0].call(resnets[0].call(input, null)), null).MoveToOuterDisposeScope();
    }
}
