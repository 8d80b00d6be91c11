using DiffusionDpo.Models.Layers;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.UNets;

/// <summary>The bottom of the U: a transformer between two residual blocks.</summary>
internal sealed class UNetMidBlock : nn.Module<Tensor, Tensor, Tensor, Tensor>
{
    [ComponentName(Name = "resnets")] private readonly ModuleList<ResnetBlock2D> resnets;
    [ComponentName(Name = "attentions")] private readonly ModuleList<Transformer2DModel> attentions;

    public UNetMidBlock(UNetConfig config, Device? device) : base(nameof(UNetMidBlock))
    {
        int channels = config.BlockOutChannels[^1];
        resnets = [new ResnetBlock2D(channels, channels, config.Resnet, device), new ResnetBlock2D(channels, channels, config.Resnet, device)];
        attentions = [new Transformer2DModel(config, config.Levels - 1, device)];
        RegisterComponents();
    }

    /// <summary>[N, C, h, w] → [N, C, h, w].</summary>
    /// <param name="input">[N, C, h, w].</param>
    /// <param name="time">SiLU of the time embedding [N, width].</param>
    /// <param name="text">[N, S, text width].</param>
    public override Tensor forward(Tensor input, Tensor time, Tensor text)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor hidden = attentions[0].call(resnets[0].call(input, time), text);
        return resnets[1].call(hidden, time).MoveToOuterDisposeScope();
    }
}
