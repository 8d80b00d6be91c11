using DiffusionDpo.Models.Clip;
using DiffusionDpo.Models.Layouts;
using DiffusionDpo.Models.Loading;

namespace DiffusionDpo.Cli.Conversions;

/// <summary>A CLIP model in one file with OpenCLIP's names, as HPSv2 is published, becomes a directory in transformers' layout.</summary>
internal sealed class OpenClipToDirectory : IConversion
{
    /// <inheritdoc/>
    public bool Recognises(ConversionRequest request) =>
        request is { FromFile: true, ToFile: false, Like: { } like, Naming: null, ExtractFrom: null }
        && File.Exists(Path.Combine(like, "config.json")) && !File.Exists(Path.Combine(like, ModelDirectory.IndexName));

    /// <inheritdoc/>
    public string Convert(ConversionRequest request, ConversionSettings settings)
    {
        request.RefuseLora("adapters are merged into an image generator, and this is a CLIP model");
        request.RefuseVaePrecision("a CLIP model has no autoencoder");
        if (request.Tokenizer is not null) throw ConversionRequest.Wrong("--like has a tokenizer already; leave --tokenizer away");
        using OpenClipFile model = OpenClipFile.Open(request.Source, ClipDirectory.Open(request.Like!));
        model.WriteDirectory(request.Target, settings);
        return $"{request.Target}: CLIP model in transformers' layout like {request.Like}, {Written.Of(settings.Meter)}";
    }
}
