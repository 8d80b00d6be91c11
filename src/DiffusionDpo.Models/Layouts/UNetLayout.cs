namespace DiffusionDpo.Models.Layouts;

/// <summary>
/// The UNet's parameters in both layouts. In the single file all blocks of the way down are numbered through: the first convolution, then
/// each residual block with its transformer, then each downsampling; so are those of the way up, where the upsampling stands in the last of a
/// level, behind what else is there.
/// </summary>
internal sealed class UNetLayout
{
    private readonly UNetOutline outline;
    private readonly List<LayoutTensor> tensors = [];
    private readonly Place root;

    private UNetLayout(UNetOutline outline)
    {
        this.outline = outline;
        root = new(tensors);
    }

    /// <summary>All parameters of a UNet.</summary>
    public static IReadOnlyList<LayoutTensor> Of(UNetOutline outline)
    {
        UNetLayout layout = new(outline);
        layout.AddEnds();
        layout.AddDown();
        layout.AddMiddle();
        layout.AddUp();
        return layout.tensors;
    }

    private void AddEnds()
    {
        int channels = outline.BlockOutChannels[0];
        Embedding(root.At("time_embedding", "time_embed"), channels);
        if (outline.AdditionEmbedType is not null) Embedding(root.At("add_embedding", "label_emb.0"), outline.ProjectionClassEmbeddingsInputDim!.Value);
        root.At("conv_in", "input_blocks.0.0").Convolution(outline.InChannels, channels, 3);
        root.At("conv_norm_out", "out.0").Norm(channels);
        root.At("conv_out", "out.2").Convolution(channels, outline.OutChannels, 3);
    }

    private void AddDown()
    {
        int block = 1, channels = outline.BlockOutChannels[0];
        for (int level = 0; level < outline.Levels; level++)
        {
            for (int layer = 0; layer < outline.LayersPerBlock[level]; layer++, block++)
            {
                Resnet(root.At($"down_blocks.{level}.resnets.{layer}", $"input_blocks.{block}.0"), channels, outline.BlockOutChannels[level]);
                channels = outline.BlockOutChannels[level];
                if (outline.AttendsDown(level)) Transformer(root.At($"down_blocks.{level}.attentions.{layer}", $"input_blocks.{block}.1"), level);
            }

            if (level == outline.Levels - 1) continue;
            root.At($"down_blocks.{level}.downsamplers.0.conv", $"input_blocks.{block++}.0.op").Convolution(channels, channels, 3);
        }
    }

    private void AddMiddle()
    {
        int level = outline.Levels - 1, channels = outline.BlockOutChannels[level];
        Resnet(root.At("mid_block.resnets.0", "middle_block.0"), channels, channels);
        Transformer(root.At("mid_block.attentions.0", "middle_block.1"), level);
        Resnet(root.At("mid_block.resnets.1", "middle_block.2"), channels, channels);
    }

    private void AddUp()
    {
        int block = 0, channels = outline.BlockOutChannels[^1];
        for (int level = outline.Levels - 1; level >= 0; level--)
        {
            string up = $"up_blocks.{outline.Levels - 1 - level}";
            int own = outline.BlockOutChannels[level], below = outline.BlockOutChannels[Math.Max(0, level - 1)], last = outline.LayersPerBlock[level];
            for (int layer = 0; layer <= last; layer++, block++)
            {
                int kept = layer == last ? below : own; // the feature map of the way down that is joined here
                Resnet(root.At($"{up}.resnets.{layer}", $"output_blocks.{block}.0"), channels + kept, own);
                channels = own;
                if (outline.AttendsUp(level)) Transformer(root.At($"{up}.attentions.{layer}", $"output_blocks.{block}.1"), level);
            }

            int behind = outline.AttendsUp(level) ? 2 : 1;
            if (level > 0) root.At($"{up}.upsamplers.0.conv", $"output_blocks.{block - 1}.{behind}.conv").Convolution(own, own, 3);
        }
    }

    private void Embedding(Place at, int from)
    {
        at.At("linear_1", "0").Linear(from, outline.TimeWidth);
        at.At("linear_2", "2").Linear(outline.TimeWidth, outline.TimeWidth);
    }

    private void Resnet(Place at, int from, int to)
    {
        at.At("norm1", "in_layers.0").Norm(from);
        at.At("conv1", "in_layers.2").Convolution(from, to, 3);
        at.At("time_emb_proj", "emb_layers.1").Linear(outline.TimeWidth, to);
        at.At("norm2", "out_layers.0").Norm(to);
        at.At("conv2", "out_layers.3").Convolution(to, to, 3);
        if (from != to) at.At("conv_shortcut", "skip_connection").Convolution(from, to, 1);
    }

    private void Transformer(Place at, int level)
    {
        int channels = outline.BlockOutChannels[level];
        at.At("norm").Norm(channels);
        Projection(at.At("proj_in"), channels);
        for (int i = 0; i < outline.TransformerLayersPerBlock[level]; i++)
        {
            Place block = at.At($"transformer_blocks.{i}");
            foreach (string norm in (string[])["norm1", "norm2", "norm3"]) block.At(norm).Norm(channels);
            Attention(block.At("attn1"), channels, channels);
            Attention(block.At("attn2"), channels, outline.CrossAttentionDim[level]);
            block.At("ff.net.0.proj").Linear(channels, 8 * channels);
            block.At("ff.net.2").Linear(4 * channels, channels);
        }

        Projection(at.At("proj_out"), channels);
    }

    private void Projection(Place at, int channels)
    {
        if (outline.UseLinearProjection) at.Linear(channels, channels);
        else at.Convolution(channels, channels, 1);
    }

    private static void Attention(Place at, int channels, int context)
    {
        at.At("to_q").Matrix(channels, channels);
        at.At("to_k").Matrix(context, channels);
        at.At("to_v").Matrix(context, channels);
        at.At("to_out.0").Linear(channels, channels);
    }
}
