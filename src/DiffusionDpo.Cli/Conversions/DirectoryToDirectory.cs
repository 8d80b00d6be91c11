using DiffusionDpo.Models.Adapters;
using DiffusionDpo.Models.Layouts;
using DiffusionDpo.Models.Loading;

namespace DiffusionDpo.Cli.Conversions;

/// <summary>A model directory becomes one in another precision, or with adapters merged.</summary>
internal sealed class DirectoryToDirectory : IConversion
{
    /// <inheritdoc/>
    public bool Recognises(ConversionRequest request) => request is { FromFile: false, ToFile: false };

    /// <inheritdoc/>
    public string Convert(ConversionRequest request, ConversionSettings settings)
    {
        request.RefuseTokenizerAndLike("a model directory");
        if (!request.ChangesPrecision && request.Lora is null) throw ConversionRequest.Wrong($"{request.Target} would be a copy; give --precision or --lora, or a TARGET that ends in .safetensors for a single file");
        ModelDirectory source = ModelDirectory.Open(request.Source);
        using LoraMerge? merged = RequestedMerge.Of(request, source);
        using DirectoryConversion model = DirectoryConversion.Open(source, merged);
        model.WriteDirectory(request.Target, settings);
        return $"{request.Target}: model in diffusers layout{RequestedMerge.Text(request, merged)}, {Written.Of(settings.Meter)}";
    }
}
