namespace DiffusionDpo.Models.Layouts;

/// <summary>
/// The autoencoder's parameters in both layouts. In the single file the decoder's levels are numbered by resolution, the highest being 0,
/// not in the order in which they are run; and the attention's projections are 1×1 convolutions.
/// </summary>
internal static class AutoencoderLayout
{
    /// <summary>All parameters of an autoencoder.</summary>
    public static IReadOnlyList<LayoutTensor> Of(AutoencoderOutline outline)
    {
        List<LayoutTensor> tensors = [];
        Place root = new(tensors);
        AddEncoder(root.At("encoder"), outline);
        AddDecoder(root.At("decoder"), outline);
        root.At("quant_conv").Convolution(2 * outline.LatentChannels, 2 * outline.LatentChannels, 1);
        root.At("post_quant_conv").Convolution(outline.LatentChannels, outline.LatentChannels, 1);
        return tensors;
    }

    private static void AddEncoder(Place at, AutoencoderOutline outline)
    {
        int channels = outline.BlockOutChannels[0], levels = outline.BlockOutChannels.Count;
        at.At("conv_in").Convolution(outline.InChannels, channels, 3);
        for (int level = 0; level < levels; level++)
        {
            for (int layer = 0; layer < outline.LayersPerBlock; layer++)
            {
                Resnet(at.At($"down_blocks.{level}.resnets.{layer}", $"down.{level}.block.{layer}"), channels, outline.BlockOutChannels[level]);
                channels = outline.BlockOutChannels[level];
            }

            if (level < levels - 1) at.At($"down_blocks.{level}.downsamplers.0.conv", $"down.{level}.downsample.conv").Convolution(channels, channels, 3);
        }

        AddMiddle(at, channels);
        AddEnd(at, channels, 2 * outline.LatentChannels);
    }

    private static void AddDecoder(Place at, AutoencoderOutline outline)
    {
        int channels = outline.BlockOutChannels[^1], levels = outline.BlockOutChannels.Count;
        at.At("conv_in").Convolution(outline.LatentChannels, channels, 3);
        AddMiddle(at, channels);
        for (int level = levels - 1; level >= 0; level--)
        {
            string up = $"up_blocks.{levels - 1 - level}";
            for (int layer = 0; layer <= outline.LayersPerBlock; layer++)
            {
                Resnet(at.At($"{up}.resnets.{layer}", $"up.{level}.block.{layer}"), channels, outline.BlockOutChannels[level]);
                channels = outline.BlockOutChannels[level];
            }

            if (level > 0) at.At($"{up}.upsamplers.0.conv", $"up.{level}.upsample.conv").Convolution(channels, channels, 3);
        }

        AddEnd(at, channels, outline.OutChannels);
    }

    private static void AddMiddle(Place at, int channels)
    {
        Resnet(at.At("mid_block.resnets.0", "mid.block_1"), channels, channels);
        Place attention = at.At("mid_block.attentions.0", "mid.attn_1");
        attention.At("group_norm", "norm").Norm(channels);
        attention.At("to_q", "q").Pointwise(channels, channels);
        attention.At("to_k", "k").Pointwise(channels, channels);
        attention.At("to_v", "v").Pointwise(channels, channels);
        attention.At("to_out.0", "proj_out").Pointwise(channels, channels);
        Resnet(at.At("mid_block.resnets.1", "mid.block_2"), channels, channels);
    }

    private static void AddEnd(Place at, int from, int to)
    {
        at.At("conv_norm_out", "norm_out").Norm(from);
        at.At("conv_out").Convolution(from, to, 3);
    }

    private static void Resnet(Place at, int from, int to)
    {
        at.At("norm1").Norm(from);
        at.At("conv1").Convolution(from, to, 3);
        at.At("norm2").Norm(to);
        at.At("conv2").Convolution(to, to, 3);
        if (from != to) at.At("conv_shortcut", "nin_shortcut").Convolution(from, to, 1);
    }
}
