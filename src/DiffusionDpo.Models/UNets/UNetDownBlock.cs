using DiffusionDpo.Models.Layers;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.UNets;

/// <summary>One level on the way down: residual blocks, each followed by a transformer where the level attends to the text, then a downsampler.</summary>
internal sealed class UNetDownBlock : nn.Module<Tensor, BlockContext, Tensor[]>
{
    [ComponentName(Name = "resnets")] private readonly ModuleList<ResnetBlock2D> resnets = [];
    [ComponentName(Name = "attentions")] private readonly ModuleList<Transformer2DModel>? attentions;
    [ComponentName(Name = "downsamplers")] private readonly ModuleList<Downsample2D>? downsamplers;

    public UNetDownBlock(UNetConfig config, int level, Device? device) : base(nameof(UNetDownBlock))
    {
        int channels = config.BlockOutChannels[level];
        if (config.DownBlockTypes[level] == UNetConfig.CrossAttentionDown) attentions = [];
        for (int layer = 0; layer < config.LayersPerBlock[level]; layer++)
        {
            int inChannels = layer == 0 ? config.BlockOutChannels[Math.Max(0, level - 1)] : channels;
            resnets.Add(new(inChannels, channels, config.Resnet, device));
            attentions?.Add(new(config, level, device));
        }

        if (level < config.Levels - 1) downsamplers = [new Downsample2D(channels, config.DownsamplePadding, device)];
        RegisterComponents();
    }

    /// <summary>The feature maps after each layer and, where there is one, the downsampler; the last goes on, all are kept for the way up.</summary>
    /// <param name="input">[N, C, h, w].</param>
    /// <param name="context">Time, text, and what the layers are run on.</param>
    public override Tensor[] forward(Tensor input, BlockContext context)
    {
        List<Tensor> states = new(resnets.Count + 1);
        Tensor hidden = input;
        for (int layer = 0; layer < resnets.Count; layer++)
        {
            int at = layer;
            hidden = context.Tape.Run(x => Layer(at, x[0], x[1], context.Text), hidden, context.Time);
            states.Add(hidden);
        }

        if (downsamplers is not null) states.Add(context.Tape.Run(x => downsamplers[0].call(x[0]), hidden));
        return [.. states];
    }

    private Tensor Layer(int layer, Tensor input, Tensor time, Tensor text)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor hidden = resnets[layer].call(input, time);
        if (attentions is not null) hidden = attentions[layer].call(hidden, text);
        return hidden.MoveToOuterDisposeScope();
    }
}
