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

    public ClipMlp(ClipTextConfig config, Device? device) : base(nameof(ClipMlp))
    {
        quick = config.HiddenAct == "quick_gelu";
        widen = nn.Linear(config.HiddenSize, config.IntermediateSize, device: device);
        narrow = nn.Linear(config.IntermediateSize, config.HiddenSize, device: device);
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
