using DiffusionDpo.Models.Layers;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.TextEncoders;

/// <summary>Self-attention and feed-forward; each normalised before and added to its input.</summary>
internal sealed class ClipEncoderLayer : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "self_attn")] private readonly ClipAttention attention;
    [ComponentName(Name = "layer_norm1")] private readonly LayerNorm norm1;
    [ComponentName(Name = "mlp")] private readonly ClipMlp mlp;
    [ComponentName(Name = "layer_norm2")] private readonly LayerNorm norm2;

    public ClipEncoderLayer(ClipLayers architecture, Device? device) : base(nameof(ClipEncoderLayer))
    {
        attention = new(architecture, device);
        norm1 = nn.LayerNorm(architecture.Width, architecture.NormEpsilon, device: device);
        mlp = new(architecture, device);
        norm2 = nn.LayerNorm(architecture.Width, architecture.NormEpsilon, device: device);
        RegisterComponents();
    }

    /// <summary>[N, L, C] → [N, L, C].</summary>
    public override Tensor forward(Tensor states)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor hidden = attention.call(norm1.call(states)).Plus(states);
        return mlp.call(norm2.call(hidden)).Plus(hidden).MoveToOuterDisposeScope();
    }
}
