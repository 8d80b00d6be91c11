using DiffusionDpo.Models.Layouts;
using DiffusionDpo.Models.Loading;

namespace DiffusionDpo.Cli.Conversions;

/// <summary>A single file becomes a model directory, with configurations and tokenizer from elsewhere.</summary>
internal sealed class FileToDirectory : IConversion
{
    /// <inheritdoc/>
    public bool Recognises(ConversionRequest request) => request is { FromFile: true, ToFile: false };

    /// <inheritdoc/>
    public string Convert(ConversionRequest request, ConversionSettings settings)
    {
        request.RefuseLora("adapters are merged into a model directory; convert the file to one first");
        if (request is { Like: not null, Tokenizer: not null }) throw ConversionRequest.Wrong("--like has a tokenizer already; leave --tokenizer away");
        if (request.Like is { } like)
        {
            ModelDirectory other = ModelDirectory.Open(like);
            using SingleFileModel model = SingleFileModel.Open(request.Source, other);
            model.WriteDirectory(request.Target, other, settings);
            return $"{request.Target}: model in diffusers layout like {like}, {Written.Of(settings.Meter)}";
        }

        using SingleFileModel published = SingleFileModel.Open(request.Source);
        string tokenizer = request.Tokenizer ?? throw ConversionRequest.Wrong(
            $"{request.Source} is {published.Family!.Title}, and a single file holds no tokenizer; give --tokenizer DIRECTORY (that of any published model), or --like MODEL");
        published.WriteDirectory(request.Target, tokenizer, settings);
        return $"{request.Target}: {published.Family!.Title} in diffusers layout, {Written.Of(settings.Meter)}";
    }
}
