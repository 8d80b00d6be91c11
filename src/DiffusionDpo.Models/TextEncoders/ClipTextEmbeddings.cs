using DiffusionDpo.Models.Layers;
using TorchSharp;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.TextEncoders;

/// <summary>Vectors of tokens plus vectors of their positions.</summary>
internal sealed class ClipTextEmbeddings : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "token_embedding")] private readonly TokenEmbedding tokens;
    [ComponentName(Name = "position_embedding")] private readonly TokenEmbedding positions;

    public ClipTextEmbeddings(ClipTextConfig config, Device? device) : base(nameof(ClipTextEmbeddings))
    {
        tokens = new(config.VocabSize, config.HiddenSize, device);
        positions = new(config.MaxPositionEmbeddings, config.HiddenSize, device);
        RegisterComponents();
    }

    /// <summary>ids [N, L] → [N, L, C].</summary>
    public override Tensor forward(Tensor ids)
    {
        using DisposeScope scope = NewDisposeScope();
        return tokens.call(ids).Plus(positions.weight.narrow(0, 0, ids.size(1))).MoveToOuterDisposeScope();
    }
}
