using DiffusionDpo.Models.Layers;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.TextEncoders;

/// <summary>
/// Self-attention. In a text it is causal: a token sees itself and those before it; padding is not masked, as in the published pipelines.
/// In an image every patch sees every other.
/// </summary>
internal sealed class ClipAttention : nn.Module<Tensor, Tensor>
{
    private readonly int heads;
    private readonly bool causal;
    [ComponentName(Name = "q_proj")] private readonly Linear query;
    [ComponentName(Name = "k_proj")] private readonly Linear key;
    [ComponentName(Name = "v_proj")] private readonly Linear value;
    [ComponentName(Name = "out_proj")] private readonly Linear output;

    public ClipAttention(ClipLayers architecture, Device? device) : base(nameof(ClipAttention))
    {
        int width = architecture.Width;
        heads = architecture.Heads;
        causal = architecture.IsCausal;
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
        Tensor attended = MultiHead.Attend(query.call(states), key.call(states), value.call(states), heads, causal);
        return output.call(attended).MoveToOuterDisposeScope();
    }
}
