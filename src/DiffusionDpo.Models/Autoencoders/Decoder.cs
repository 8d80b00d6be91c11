using DiffusionDpo.Models.Layers;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Autoencoders;

/// <summary>Latents, after the first 1×1 convolution, to images.</summary>
internal sealed class Decoder : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "conv_in")] private readonly Convolution2D convolutionIn;
    [ComponentName(Name = "mid_block")] private readonly MidBlock midBlock;
    [ComponentName(Name = "up_blocks")] private readonly ModuleList<DecoderBlock> blocks = [];
    [ComponentName(Name = "conv_norm_out")] private readonly GroupNorm normOut;
    [ComponentName(Name = "conv_act")] private readonly SiLU activationOut;
    [ComponentName(Name = "conv_out")] private readonly Convolution2D convolutionOut;

    public Decoder(AutoencoderConfig config, Device? device) : base(nameof(Decoder))
    {
        int channels = config.BlockOutChannels[^1];
        convolutionIn = Layer.Convolution3x3(config.LatentChannels, channels, device);
        midBlock = new(channels, config.Resnet, device);
        for (int level = config.Levels - 1; level >= 0; level--) blocks.Add(new(config, level, device));
        normOut = Layer.GroupNorm(config.NormNumGroups, config.BlockOutChannels[0], config.Resnet.Epsilon, device);
        activationOut = nn.SiLU();
        convolutionOut = Layer.Convolution3x3(config.BlockOutChannels[0], config.OutChannels, device);
        RegisterComponents();
    }

    /// <summary>latents [N, C, h, w] → images [N, 3, H, W].</summary>
    public override Tensor forward(Tensor latents)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor hidden = midBlock.call(convolutionIn.call(latents));
        foreach (DecoderBlock block in blocks) hidden = block.call(hidden);
        return convolutionOut.call(activationOut.call(normOut.call(hidden))).MoveToOuterDisposeScope();
    }
}
