using DiffusionDpo.Models.Layouts;
using DiffusionDpo.Models.Loading;

namespace DiffusionDpo.Cli.Conversions;

/// <summary>A model directory becomes one in another precision.</summary>
internal sealed class DirectoryToDirectory : IConversion
{
    /// <inheritdoc/>
    public bool Recognises(ConversionRequest request) => request is { FromFile: false, ToFile: false };

    /// <inheritdoc/>
    public string Convert(ConversionRequest request, ConversionSettings settings)
    {
        request.RefuseTokenizerAndLike("a model directory");
        if (!request.ChangesPrecision) throw ConversionRequest.Wrong($"{request.Target} would be a copy; give --precision, or a TARGET that ends in .safetensors for a single file");
        using DirectoryConversion model = DirectoryConversion.Open(ModelDirectory.Open(request.Source));
        model.WriteDirectory(request.Target, settings);
        return $"{request.Target}: model in diffusers layout, {Written.Of(settings.Meter)}";
    }
}
