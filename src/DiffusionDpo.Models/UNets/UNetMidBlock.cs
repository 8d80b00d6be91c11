using DiffusionDpo.Models.Layers;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.UNets;

/// <summary>The bottom of the U: a transformer between two residual blocks.</summary>
internal sealed class UNetMidBlock : nn.Module<Tensor, BlockContext, Tensor>
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
    /// <param name="context">Time, text, and what the layers are run on.</param>
    public override Tensor forward(Tensor input, BlockContext context)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor hidden = context.Tape.Run(x => Attended(x[0], x[1], context.Text), input, context.Time);
        return context.Tape.Run(x => resnets[1].call(x[0], x[1]), hidden, context.Time).MoveToOuterDisposeScope();
    }

    private Tensor Attended(Tensor input, Tensor time, Tensor text)
    {
        using DisposeScope scope = NewDisposeScope();
        return attentions[0].call(resnets[0].call(input, time), text).MoveToOuterDisposeScope();
    }
}
