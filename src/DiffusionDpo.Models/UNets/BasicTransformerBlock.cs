using DiffusionDpo.Models.Layers;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.UNets;

/// <summary>Self-attention, attention to the text, feed-forward; each normalised before and added to its input.</summary>
internal sealed class BasicTransformerBlock : nn.Module<Tensor, Tensor, Tensor>
{
    [ComponentName(Name = "norm1")] private readonly LayerNorm norm1;
    [ComponentName(Name = "attn1")] private readonly CrossAttention selfAttention;
    [ComponentName(Name = "norm2")] private readonly LayerNorm norm2;
    [ComponentName(Name = "attn2")] private readonly CrossAttention textAttention;
    [ComponentName(Name = "norm3")] private readonly LayerNorm norm3;
    [ComponentName(Name = "ff")] private readonly FeedForward feedForward;

    public BasicTransformerBlock(int channels, int textWidth, int heads, bool wideAttention, Device? device) : base(nameof(BasicTransformerBlock))
    {
        norm1 = nn.LayerNorm(channels, device: device);
        selfAttention = new(channels, channels, heads, wideAttention, device);
        norm2 = nn.LayerNorm(channels, device: device);
        textAttention = new(channels, textWidth, heads, wideAttention, device);
        norm3 = nn.LayerNorm(channels, device: device);
        feedForward = new(channels, device);
        RegisterComponents();
    }

    /// <summary>tokens [N, L, C] → [N, L, C].</summary>
    /// <param name="tokens">[N, L, C].</param>
    /// <param name="text">[N, S, text width].</param>
    public override Tensor forward(Tensor tokens, Tensor text)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor normalised = norm1.call(tokens);
        Tensor hidden = selfAttention.call(normalised, normalised).Plus(tokens);
        hidden = textAttention.call(norm2.call(hidden), text).Plus(hidden);
        return feedForward.call(norm3.call(hidden)).Plus(hidden).MoveToOuterDisposeScope();
    }
}
