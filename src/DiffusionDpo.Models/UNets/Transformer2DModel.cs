using DiffusionDpo.Models.Layers;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.UNets;

/// <summary>Transformer blocks over the pixels of a feature map, between two projections, added to its input.</summary>
internal sealed class Transformer2DModel : nn.Module<Tensor, Tensor, Tensor>
{
    private const double NormEpsilon = 1e-6;

    private readonly bool projectsTokens;
    [ComponentName(Name = "norm")] private readonly GroupNorm norm;
    [ComponentName(Name = "proj_in")] private readonly nn.Module<Tensor, Tensor> projectionIn;
    [ComponentName(Name = "transformer_blocks")] private readonly ModuleList<BasicTransformerBlock> blocks;
    [ComponentName(Name = "proj_out")] private readonly nn.Module<Tensor, Tensor> projectionOut;

    public Transformer2DModel(UNetConfig config, int level, Device? device) : base(nameof(Transformer2DModel))
    {
        int channels = config.BlockOutChannels[level];
        projectsTokens = config.UseLinearProjection;
        norm = Layer.GroupNorm(config.NormNumGroups, channels, NormEpsilon, device);
        projectionIn = Projection();
        blocks = [];
        for (int i = 0; i < config.TransformerLayersPerBlock[level]; i++)
        {
            blocks.Add(new(channels, config.CrossAttentionDim[level], config.Heads(level), config.UpcastAttention == true, device));
        }

        projectionOut = Projection();
        RegisterComponents();

        nn.Module<Tensor, Tensor> Projection() =>
            projectsTokens ? nn.Linear(channels, channels, device: device) : Layer.Convolution1x1(channels, channels, device);
    }

    /// <summary>input [N, C, h, w] → [N, C, h, w].</summary>
    /// <param name="input">[N, C, h, w].</param>
    /// <param name="text">[N, S, text width].</param>
    public override Tensor forward(Tensor input, Tensor text)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor hidden = norm.call(input);
        hidden = projectsTokens ? projectionIn.call(ToTokens(hidden)) : ToTokens(projectionIn.call(hidden));
        foreach (BasicTransformerBlock block in blocks) hidden = block.call(hidden, text);
        hidden = projectsTokens ? ToMap(projectionOut.call(hidden)) : projectionOut.call(ToMap(hidden));
        return hidden.Plus(input).MoveToOuterDisposeScope();

        // Contiguous on both sides: otherwise every norm between would copy.
        static Tensor ToTokens(Tensor map) => map.flatten(2).transpose(1, 2).contiguous(); // [N, C, h, w] → [N, h·w, C]

        Tensor ToMap(Tensor tokens) => tokens.transpose(1, 2).contiguous().view(input.shape); // [N, h·w, C] → [N, C, h, w]
    }
}
