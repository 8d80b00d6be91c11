using DiffusionDpo.Models.TextEncoders;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Clip;

/// <summary>A CLIP model: texts and images in one space (Radford et al. 2021). Parameters carry the names of transformers' <c>CLIPModel</c>.</summary>
internal sealed class ClipModel : nn.Module
{
    [ComponentName(Name = "text_model")] private readonly ClipTextTransformer text;
    [ComponentName(Name = "vision_model")] private readonly ClipVisionTransformer vision;
    [ComponentName(Name = "text_projection")] private readonly Linear textProjection;
    [ComponentName(Name = "visual_projection")] private readonly Linear imageProjection;
    [ComponentName(Name = "logit_scale")] private Parameter logScale;

    public ClipModel(ClipConfig config, Device? device = null) : base(nameof(ClipModel))
    {
        text = new(config.Text, device);
        vision = new(config.Vision, device);
        textProjection = nn.Linear(config.Text.HiddenSize, config.ProjectionDim, hasBias: false, device: device);
        imageProjection = nn.Linear(config.Vision.HiddenSize, config.ProjectionDim, hasBias: false, device: device);
        logScale = new Parameter(zeros([], device: device));
        RegisterComponents();
    }

    /// <summary>The logarithm of what cosines are multiplied by to be logits, []. Setting it disposes the old one.</summary>
    public Parameter logit_scale
    {
        get => logScale;
        set
        {
            if (value.Handle == logScale.Handle) return;
            logScale.Dispose();
            logScale = (Parameter)value.DetachFromDisposeScope();
            ConditionallyRegisterParameter("logit_scale", logScale);
        }
    }

    /// <summary>ids [N, L] → embeddings [N, P], of any length.</summary>
    public Tensor EmbedTexts(Tensor ids)
    {
        using DisposeScope scope = NewDisposeScope();
        return EncodeTexts(ids).TextEmbeds!.MoveToOuterDisposeScope();
    }

    /// <summary>ids [N, L] → all states of the text encoder, projected.</summary>
    public ClipTextOutput EncodeTexts(Tensor ids)
    {
        ClipTextOutput output = text.call(ids);
        return output with { TextEmbeds = textProjection.call(output.PoolerOutput) };
    }

    /// <summary>pixels [N, 3, S, S] → embeddings [N, P], of any length.</summary>
    public Tensor EmbedImages(Tensor pixels)
    {
        using DisposeScope scope = NewDisposeScope();
        return imageProjection.call(vision.call(pixels)).MoveToOuterDisposeScope();
    }
}
