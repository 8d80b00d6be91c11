using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace DiffusionDpo.Models.TextEncoders;

/// <summary>Embeddings, layers, final norm and pooling.</summary>
internal sealed class ClipTextTransformer : nn.Module<Tensor, ClipTextOutput>
{
    private const int LegacyEndOfText = 2;

    private readonly Scalar? endOfText;
    [ComponentName(Name = "embeddings")] private readonly ClipTextEmbeddings embeddings;
    [ComponentName(Name = "encoder")] private readonly ClipEncoder encoder;
    [ComponentName(Name = "final_layer_norm")] private readonly LayerNorm finalNorm;

    public ClipTextTransformer(ClipTextConfig config, Device? device) : base(nameof(ClipTextTransformer))
    {
        if (config.EosTokenId != LegacyEndOfText) endOfText = config.EosTokenId;
        embeddings = new(config, device);
        encoder = new(config.Layers, device);
        finalNorm = nn.LayerNorm(config.HiddenSize, config.LayerNormEps, device: device);
        RegisterComponents();
    }

    /// <summary>ids [N, L] → states.</summary>
    public override ClipTextOutput forward(Tensor ids)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor embedded = embeddings.call(ids);
        Tensor[] layers = encoder.call(embedded);
        Tensor last = finalNorm.call(layers[^1]);

        // Files that say 2 were trained with the end of text as the highest id; argmax finds the first of equals.
        Tensor position = (endOfText is null ? ids : ids.eq(endOfText).to(ScalarType.Int32)).argmax(1);
        Tensor pooled = last[arange(ids.size(0), device: ids.device), position];

        scope.MoveToOuter([embedded, .. layers, last, pooled]);
        return new(last, [embedded, .. layers], pooled);
    }
}
