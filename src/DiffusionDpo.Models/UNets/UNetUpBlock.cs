using DiffusionDpo.Models.Layers;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.UNets;

/// <summary>One level on the way up: residual blocks that take in the kept feature maps, transformers as on the way down, then an upsampler.</summary>
internal sealed class UNetUpBlock : nn.Module<Tensor, Tensor[], BlockContext, long[]?, Tensor>
{
    [ComponentName(Name = "resnets")] private readonly ModuleList<ResnetBlock2D> resnets = [];
    [ComponentName(Name = "attentions")] private readonly ModuleList<Transformer2DModel>? attentions;
    [ComponentName(Name = "upsamplers")] private readonly ModuleList<Upsample2D>? upsamplers;

    /// <summary>Creates it.</summary>
    /// <param name="config">The network.</param>
    /// <param name="level">Level of the U; 0 is the full resolution.</param>
    /// <param name="device">Where the parameters are.</param>
    public UNetUpBlock(UNetConfig config, int level, Device? device) : base(nameof(UNetUpBlock))
    {
        int channels = config.BlockOutChannels[level];
        int channelsBelow = config.BlockOutChannels[Math.Min(level + 1, config.Levels - 1)];
        int channelsAbove = config.BlockOutChannels[Math.Max(level - 1, 0)];
        int layers = config.LayersPerBlock[level] + 1;
        if (config.UpBlockTypes[config.Levels - 1 - level] == UNetConfig.CrossAttentionUp) attentions = [];
        for (int layer = 0; layer < layers; layer++)
        {
            int kept = layer == layers - 1 ? channelsAbove : channels;
            resnets.Add(new((layer == 0 ? channelsBelow : channels) + kept, channels, config.Resnet, device));
            attentions?.Add(new(config, level, device));
        }

        if (level > 0) upsamplers = [new Upsample2D(channels, device)];
        RegisterComponents();
    }

    /// <summary>How many kept feature maps it takes.</summary>
    public int Layers => resnets.Count;

    /// <summary>[N, below, h, w] → [N, C, size], or [N, C, h, w] at the top.</summary>
    /// <param name="input">[N, below, h, w].</param>
    /// <param name="kept">Feature maps of this level from the way down, in the order of use.</param>
    /// <param name="context">Time, text, and what the layers are run on.</param>
    /// <param name="size">Height and width of the next level up, which need not be twice this one's; null at the top.</param>
    public override Tensor forward(Tensor input, Tensor[] kept, BlockContext context, long[]? size)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor hidden = input;
        for (int layer = 0; layer < resnets.Count; layer++)
        {
            int at = layer;
            hidden = context.Tape.Run(x => Layer(at, x[0], x[1], x[2], context.Text), hidden, kept[layer], context.Time);
        }

        if (upsamplers is not null) hidden = context.Tape.Run(x => upsamplers[0].call(x[0], size!), hidden);
        return hidden.MoveToOuterDisposeScope();
    }

    private Tensor Layer(int layer, Tensor input, Tensor kept, Tensor time, Tensor text)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor hidden = resnets[layer].call(cat([input, kept], 1), time);
        if (attentions is not null) hidden = attentions[layer].call(hidden, text);
        return hidden.MoveToOuterDisposeScope();
    }
}
