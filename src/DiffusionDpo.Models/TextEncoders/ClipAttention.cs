using DiffusionDpo.Models.Layers;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.TextEncoders;

/// <summary>Causal self-attention: a token sees itself and those before it. Padding is not masked, as in the published pipelines.</summary>
internal sealed class ClipAttention : nn.Module<Tensor, Tensor>
{
    private readonly int heads;
    [ComponentName(Name = "q_proj")] private readonly Linear query;
    [ComponentName(Name = "k_proj")] private readonly Linear key;
    [ComponentName(Name = "v_proj")] private readonly Linear value;
    [ComponentName(Name = "out_proj")] private readonly Linear output;

    public ClipAttention(ClipTextConfig config, Device? device) : base(nameof(ClipAttention))
    {
        int width = config.HiddenSize;
        heads = config.NumAttentionHeads;
        query = nn.Linear(width, width, device: device);
        key = nn.Linear(width, width, device: device);
        value = nn.Linear(width, width, device: device);
        output = nn.Linear(width, width, device: device);
        RegisterComponents();
    }

    /// <summary>[N, L, C] → [N, L, C].</summary>
    public override Tensor forward(Tensor states)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor attended = MultiHead.Attend(query.call(states), key.call(states), value.call(states), heads, causal: true);
        return output.call(attended).MoveToOuterDisposeScope();
    }
}
