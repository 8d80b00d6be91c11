using DiffusionDpo.Models.Adapters;
using DiffusionDpo.Models.Layouts;
using DiffusionDpo.Models.Loading;

namespace DiffusionDpo.Cli.Conversions;

/// <summary>A file of low-rank adapters becomes one with the names of another tool.</summary>
internal sealed class LoraToLora : IConversion
{
    /// <inheritdoc/>
    public bool Recognises(ConversionRequest request) => request.Naming is not null;

    /// <inheritdoc/>
    public string Convert(ConversionRequest request, ConversionSettings settings)
    {
        request.RefuseLora("--naming turns SOURCE itself into a file of adapters");
        request.RefuseVaePrecision("a file of adapters has no autoencoder");
        if (!request.FromFile || !request.ToFile) throw ConversionRequest.Wrong("--naming: SOURCE and TARGET are files of adapters that end in .safetensors");
        if (request.Tokenizer is not null) throw ConversionRequest.Wrong("--tokenizer: adapters need none; leave it away");
        using LoraDocument document = LoraDocument.Open(request.Source);
        ModelDirectory? like = request.Like is { } named ? ModelDirectory.Open(named) : null;
        request.MakeParent();
        document.Write(request.Target, request.Naming!, like, settings);
        return $"{request.Target}: adapters of {document.Layers.Count} layers in {request.Naming!.Title} names, {Written.Of(settings.Meter)}";
    }
}
