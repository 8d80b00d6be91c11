using DiffusionDpo.Models.Layers;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Autoencoders;

/// <summary>Images to the moments of the latents, before the last 1×1 convolution.</summary>
internal sealed class Encoder : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "conv_in")] private readonly Convolution2D convolutionIn;
    [ComponentName(Name = "down_blocks")] private readonly ModuleList<EncoderBlock> blocks = [];
    [ComponentName(Name = "mid_block")] private readonly MidBlock midBlock;
    [ComponentName(Name = "conv_norm_out")] private readonly GroupNorm normOut;
    [ComponentName(Name = "conv_act")] private readonly SiLU activationOut;
    [ComponentName(Name = "conv_out")] private readonly Convolution2D convolutionOut;

    public Encoder(AutoencoderConfig config, Device? device) : base(nameof(Encoder))
    {
        int channels = config.BlockOutChannels[^1];
        convolutionIn = Layer.Convolution3x3(config.InChannels, config.BlockOutChannels[0], device);
        for (int level = 0; level < config.Levels; level++) blocks.Add(new(config, level, device));
        midBlock = new(channels, config.Resnet, device);
        normOut = Layer.GroupNorm(config.NormNumGroups, channels, config.Resnet.Epsilon, device);
        activationOut = nn.SiLU();
        convolutionOut = Layer.Convolution3x3(channels, 2 * config.LatentChannels, device);
        RegisterComponents();
    }

    /// <summary>images [N, 3, H, W] → [N, 2·latent channels, h, w].</summary>
    public override Tensor forward(Tensor images)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor hidden = convolutionIn.call(images);
        foreach (EncoderBlock block in blocks) hidden = block.call(hidden);
        hidden = midBlock.call(hidden);
        return convolutionOut.call(activationOut.call(normOut.call(hidden))).MoveToOuterDisposeScope();
    }
}
