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
    private readonly bool isWide;
    [ComponentName(Name = "to_q")] private readonly Linear query;
    [ComponentName(Name = "to_k")] private readonly Linear key;
    [ComponentName(Name = "to_v")] private readonly Linear value;
    [ComponentName(Name = "to_out")] private readonly AttentionOutput output;

    /// <param name="channels">C.</param>
    /// <param name="contextWidth">Width of the context.</param>
    /// <param name="heads">Number of heads.</param>
    /// <param name="isWide">Between the projections float32, whatever they compute in.</param>
    /// <param name="device">Where the parameters are.</param>
    public CrossAttention(int channels, int contextWidth, int heads, bool isWide, Device? device) : base(nameof(CrossAttention))
    {
        this.heads = heads;
        this.isWide = isWide;
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
        Tensor attended = MultiHead.Attend(Widened(query.call(tokens)), Widened(key.call(context)), Widened(value.call(context)), heads);
        if (attended.dtype != tokens.dtype) attended = attended.to(tokens.dtype);
        return output.call(attended).MoveToOuterDisposeScope();
    }

    private Tensor Widened(Tensor projected) => isWide && projected.ElementSize < sizeof(float) ? projected.@float() : projected;
}
