using DiffusionDpo.Models.Layers;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.UNets;

/// <summary>Attention of image tokens to a context: the text, or the tokens themselves.</summary>
internal sealed class CrossAttention : nn.Module<Tensor, Tensor, Tensor>
{
    private readonly int heads;
    [ComponentName(Name = "to_q")] private readonly Linear query;
    [ComponentName(Name = "to_k")] private readonly Linear key;
    [ComponentName(Name = "to_v")] private readonly Linear value;
    [ComponentName(Name = "to_out")] private readonly AttentionOutput output;

    public CrossAttention(int channels, int contextWidth, int heads, Device? device) : base(nameof(CrossAttention))
    {
        this.heads = heads;
        query = nn.Linear(channels, channels, hasBias: false, device: device);
        key = nn.Linear(contextWidth, channels, hasBias: false, device: device);
        value = nn.Linear(contextWidth, channels, hasBias: false, device: device);
        output = new(channels, device);
        RegisterComponents();
    }

    /// <summary>tokens [N, L, C] → [N, L, C].</summary>
    /// <param name="tokens">[N, L, C].</param>
    /// <param name="context">[N, S, context width].</param>
    public override Tensor forward(Tensor tokens, Tensor context)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor attended = MultiHead.Attend(query.call(tokens), key.call(context), value.call(context), heads);
        return output.call(attended).MoveToOuterDisposeScope();
    }
}
