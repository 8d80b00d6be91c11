using DiffusionDpo.Models.Layouts;
using DiffusionDpo.Models.Loading;

namespace DiffusionDpo.Cli.Conversions;

/// <summary>A model directory becomes the single file that other tools read.</summary>
internal sealed class DirectoryToFile : IConversion
{
    /// <inheritdoc/>
    public bool Recognises(ConversionRequest request) => !request.FromFile && request.ToFile;

    /// <inheritdoc/>
    public string Convert(ConversionRequest request, ConversionSettings settings)
    {
        request.RefuseTokenizerAndLike("a single file");
        using DirectoryConversion model = DirectoryConversion.Open(ModelDirectory.Open(request.Source));
        request.MakeParent();
        model.WriteFile(request.Target, settings);
        return $"{request.Target}: the model in one file, {Written.Of(settings.Meter)}";
    }
}
