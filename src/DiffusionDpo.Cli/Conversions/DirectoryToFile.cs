using DiffusionDpo.Models.Adapters;
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
        ModelDirectory source = ModelDirectory.Open(request.Source);
        using LoraMerge? merged = RequestedMerge.Of(request, source);
        using DirectoryConversion model = DirectoryConversion.Open(source, merged);
        request.MakeParent();
        model.WriteFile(request.Target, settings);
        return $"{request.Target}: the model in one file{RequestedMerge.Text(request, merged)}, {Written.Of(settings.Meter)}";
    }
}
