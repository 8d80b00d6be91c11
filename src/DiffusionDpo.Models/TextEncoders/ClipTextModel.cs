using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.TextEncoders;

/// <summary>CLIP's text encoder. Parameters carry the published names, with their <c>text_model.</c> prefix.</summary>
public sealed class ClipTextModel : nn.Module<Tensor, ClipTextOutput>
{
    [ComponentName(Name = "text_model")] private readonly ClipTextTransformer textModel;
    [ComponentName(Name = "text_projection")] private readonly Linear? projection;

    /// <summary>Creates the network.</summary>
    /// <param name="config">Its architecture.</param>
    /// <param name="device">Where its parameters are; on the meta device they have shapes only, to be loaded at no cost of initialisation.</param>
    public ClipTextModel(ClipTextConfig config, Device? device = null) : base(nameof(ClipTextModel))
    {
        textModel = new(config, device);
        if (config.Projects) projection = nn.Linear(config.HiddenSize, config.ProjectionDim, hasBias: false, device: device);
        HiddenSize = config.HiddenSize;
        RegisterComponents();
    }

    /// <summary>Width of the states, C.</summary>
    public int HiddenSize { get; }

    /// <summary>Width of the projected pooled state, P; null where there is no projection.</summary>
    public long? ProjectionDim => projection?.weight.shape[0];

    /// <summary>Encodes prompts.</summary>
    /// <param name="ids">Token ids [N, L], int64; L at most the configured longest sequence.</param>
    public override ClipTextOutput forward(Tensor ids)
    {
        ClipTextOutput output = textModel.call(ids);
        return output with { TextEmbeds = projection?.call(output.PoolerOutput) };
    }
}
