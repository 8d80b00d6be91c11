using DiffusionDpo.Models.Layers;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Autoencoders;

/// <summary>One level of the encoder: residual blocks, then a downsampler except at the lowest resolution.</summary>
internal sealed class EncoderBlock : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "resnets")] private readonly ModuleList<ResnetBlock2D> resnets = [];
    [ComponentName(Name = "downsamplers")] private readonly ModuleList<Downsample2D>? downsamplers;

    public EncoderBlock(AutoencoderConfig config, int level, Device? device) : base(nameof(EncoderBlock))
    {
        int channels = config.BlockOutChannels[level];
        for (int layer = 0; layer < config.LayersPerBlock; layer++)
        {
            int inChannels = layer == 0 ? config.BlockOutChannels[Math.Max(0, level - 1)] : channels;
            resnets.Add(new(inChannels, channels, config.Resnet, device));
        }

        if (level < config.Levels - 1) downsamplers = [new Downsample2D(channels, padding: 0, device)];
        RegisterComponents();
    }

    /// <summary>[N, in, h, w] → [N, out, h/2, w/2], or [N, out, h, w] at the lowest resolution.</summary>
    public override Tensor forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor hidden = input;
        foreach (ResnetBlock2D resnet in resnets) hidden = resnet.call(hidden, null);
        if (downsamplers is not null) hidden = downsamplers[0].call(hidden);
        return hidden.MoveToOuterDisposeScope();
    }
}
