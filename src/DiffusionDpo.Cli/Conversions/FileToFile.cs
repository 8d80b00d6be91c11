using DiffusionDpo.Models.Layouts;
using DiffusionDpo.Models.Loading;

namespace DiffusionDpo.Cli.Conversions;

/// <summary>A single file becomes one in another precision, without what training left in it.</summary>
internal sealed class FileToFile : IConversion
{
    /// <inheritdoc/>
    public bool Recognises(ConversionRequest request) => request is { FromFile: true, ToFile: true };

    /// <inheritdoc/>
    public string Convert(ConversionRequest request, ConversionSettings settings)
    {
        request.RefuseLora("adapters are merged into a model directory; convert the file to one first");
        if (request.Tokenizer is not null) throw ConversionRequest.Wrong("--tokenizer: a single file needs none; leave it away");
        using SingleFileModel model = request.Like is { } like ? SingleFileModel.Open(request.Source, ModelDirectory.Open(like)) : SingleFileModel.Open(request.Source);
        request.MakeParent();
        model.WriteFile(request.Target, settings);
        return $"{request.Target}: the model in one file, {Written.Of(settings.Meter)}";
    }
}
