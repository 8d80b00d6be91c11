using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.TextEncoders;

/// <summary>The feed-forward part of a CLIP layer.</summary>
internal sealed class ClipMlp : nn.Module<Tensor, Tensor>
{
    private static readonly Scalar QuickGeluSlope = 1.702;

    private readonly bool quick;
    [ComponentName(Name = "fc1")] private readonly Linear widen;
    [ComponentName(Name = "fc2")] private readonly Linear narrow;

    public ClipMlp(ClipLayers architecture, Device? device) : base(nameof(ClipMlp))
    {
        quick = architecture.Activation == "quick_gelu";
        widen = nn.Linear(architecture.Width, architecture.InnerWidth, device: device);
        narrow = nn.Linear(architecture.InnerWidth, architecture.Width, device: device);
        RegisterComponents();
    }

    /// <summary>[N, L, C] → [N, L, C].</summary>
    public override Tensor forward(Tensor states)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor wide = widen.call(states);
        Tensor active = quick ? wide * (wide * QuickGeluSlope).sigmoid_() : wide.gelu();
        return narrow.call(active).MoveToOuterDisposeScope();
    }
}
