using DiffusionDpo.Models.TextEncoders;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.Clip;

/// <summary>Embeddings, a norm, layers, and the norm of what is said of the image as a whole.</summary>
internal sealed class ClipVisionTransformer : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "embeddings")] private readonly ClipVisionEmbeddings embeddings;
    [ComponentName(Name = "pre_layrnorm")] private readonly LayerNorm firstNorm; // spelt so in every published file
    [ComponentName(Name = "encoder")] private readonly ClipEncoder encoder;
    [ComponentName(Name = "post_layernorm")] private readonly LayerNorm lastNorm;

    public ClipVisionTransformer(ClipVisionConfig config, Device? device) : base(nameof(ClipVisionTransformer))
    {
        embeddings = new(config, device);
        firstNorm = nn.LayerNorm(config.HiddenSize, config.LayerNormEps, device: device);
        encoder = new(config.Layers, device);
        lastNorm = nn.LayerNorm(config.HiddenSize, config.LayerNormEps, device: device);
        RegisterComponents();
    }

    /// <summary>pixels [N, 3, S, S] → the pooled state [N, C].</summary>
    public override Tensor forward(Tensor pixels)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor last = encoder.Last(firstNorm.call(embeddings.call(pixels)));
        return lastNorm.call(last.select(1, 0)).MoveToOuterDisposeScope();
    }
}
