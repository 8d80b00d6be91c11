using DiffusionDpo.Models.Layers;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Clip;

/// <summary>A vector for the image as a whole, then one for each patch; plus vectors of their positions.</summary>
internal sealed class ClipVisionEmbeddings : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "class_embedding")] private Parameter whole;
    [ComponentName(Name = "patch_embedding")] private readonly Convolution2D patches;
    [ComponentName(Name = "position_embedding")] private readonly TokenEmbedding positions;

    public ClipVisionEmbeddings(ClipVisionConfig config, Device? device) : base(nameof(ClipVisionEmbeddings))
    {
        whole = new Parameter(zeros(config.HiddenSize, device: device));
        patches = new(3, config.HiddenSize, config.PatchSize, config.PatchSize, padding: 0, device, hasBias: false);
        positions = new(config.Patches + 1, config.HiddenSize, device);
        RegisterComponents();
    }

    /// <summary>The vector of the image as a whole, [C]. Setting it disposes the old one.</summary>
    public Parameter class_embedding
    {
        get => whole;
        set
        {
            if (value.Handle == whole.Handle) return;
            whole.Dispose();
            whole = (Parameter)value.DetachFromDisposeScope();
            ConditionallyRegisterParameter("class_embedding", whole);
        }
    }

    /// <summary>pixels [N, 3, S, S] → [N, 1 + patches, C]; patches row by row.</summary>
    public override Tensor forward(Tensor pixels)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor first = whole.expand(pixels.size(0), 1, -1);
        Tensor others = patches.call(pixels).flatten(2).transpose(1, 2);
        return cat([first, others], 1).Plus(positions.weight).MoveToOuterDisposeScope();
    }
}
