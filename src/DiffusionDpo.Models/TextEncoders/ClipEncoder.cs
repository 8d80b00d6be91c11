using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.TextEncoders;

/// <summary>The stack of layers.</summary>
internal sealed class ClipEncoder : nn.Module<Tensor, Tensor[]>
{
    [ComponentName(Name = "layers")] private readonly ModuleList<ClipEncoderLayer> layers = [];

    public ClipEncoder(ClipLayers architecture, Device? device) : base(nameof(ClipEncoder))
    {
        for (int layer = 0; layer < architecture.Count; layer++) layers.Add(new(architecture, device));
        RegisterComponents();
    }

    /// <summary>embeddings [N, L, C] → the output of each layer, [N, L, C] each.</summary>
    public override Tensor[] forward(Tensor embeddings)
    {
        var states = new Tensor[layers.Count];
        for (int layer = 0; layer < layers.Count; layer++) states[layer] = layers[layer].call(layer == 0 ? embeddings : states[layer - 1]);
        return states;
    }

    /// <summary>embeddings [N, L, C] → the output of the last layer, [N, L, C]; the others are given up on the way.</summary>
    public Tensor Last(Tensor embeddings)
    {
        Tensor? last = null;
        foreach (ClipEncoderLayer layer in layers)
        {
            using Tensor? before = last;
            last = layer.call(before ?? embeddings);
        }

        return last!;
    }
}
