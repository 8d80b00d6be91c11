using DiffusionDpo.Models.Layers;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Autoencoders;

/// <summary>Self-attention over all pixels with a single head, normalised before and added to its input.</summary>
internal sealed class PixelAttention : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "group_norm")] private readonly GroupNorm norm;
    [ComponentName(Name = "to_q")] private readonly Linear query;
    [ComponentName(Name = "to_k")] private readonly Linear key;
    [ComponentName(Name = "to_v")] private readonly Linear value;
    [ComponentName(Name = "to_out")] private readonly AttentionOutput output;

    public PixelAttention(int channels, ResnetSettings settings, Device? device) : base(nameof(PixelAttention))
    {
        norm = Layer.GroupNorm(settings.Groups, channels, settings.Epsilon, device);
        query = nn.Linear(channels, channels, device: device);
        key = nn.Linear(channels, channels, device: device);
        value = nn.Linear(channels, channels, device: device);
        output = new(channels, device);
        RegisterComponents();
    }

    /// <summary>[N, C, h, w] → [N, C, h, w].</summary>
    public override Tensor forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor pixels = norm.call(input).flatten(2).transpose(1, 2).contiguous(); // [N, h·w, C]
        Tensor attended = output.call(MultiHead.Attend(query.call(pixels), key.call(pixels), value.call(pixels), heads: 1));
        return attended.transpose(1, 2).contiguous().view(input.shape).Plus(input).MoveToOuterDisposeScope();
    }
}
