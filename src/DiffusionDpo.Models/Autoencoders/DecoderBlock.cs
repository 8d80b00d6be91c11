using DiffusionDpo.Models.Layers;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Autoencoders;

/// <summary>One level of the decoder: residual blocks, then an upsampler except at the full resolution.</summary>
internal sealed class DecoderBlock : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "resnets")] private readonly ModuleList<ResnetBlock2D> resnets = [];
    [ComponentName(Name = "upsamplers")] private readonly ModuleList<Upsample2D>? upsamplers;

    public DecoderBlock(AutoencoderConfig config, int level, Device? device) : base(nameof(DecoderBlock))
    {
        int channels = config.BlockOutChannels[level];
        for (int layer = 0; layer < config.LayersPerBlock + 1; layer++)
        {
            int inChannels = layer == 0 ? config.BlockOutChannels[Math.Min(level + 1, config.Levels - 1)] : channels;
            resnets.Add(new(inChannels, channels, config.Resnet, device));
        }

        if (level > 0) upsamplers = [new Upsample2D(channels, device)];
        RegisterComponents();
    }

    /// <summary>[N, in, h, w] → [N, out, 2·h, 2·w], or [N, out, h, w] at the full resolution.</summary>
    public override Tensor forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor hidden = input;
        foreach (ResnetBlock2D resnet in resnets) hidden = resnet.call(hidden, null);
        if (upsamplers is not null) hidden = upsamplers[0].call(hidden, [2 * hidden.size(2), 2 * hidden.size(3)]);
        return hidden.MoveToOuterDisposeScope();
    }
}
