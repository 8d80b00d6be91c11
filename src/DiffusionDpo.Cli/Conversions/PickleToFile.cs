using DiffusionDpo.Models.Layouts;
using DiffusionDpo.Models.Pickles;

namespace DiffusionDpo.Cli.Conversions;

/// <summary>The plain tensors of a pickle become a safetensors file, under the names that they have.</summary>
internal sealed class PickleToFile : IConversion
{
    /// <inheritdoc/>
    public bool Recognises(ConversionRequest request) => request is { FromPickle: true, ToFile: true };

    /// <inheritdoc/>
    public string Convert(ConversionRequest request, ConversionSettings settings)
    {
        request.RefuseTokenizerAndLike("a file of a pickle's tensors");
        request.RefuseLora("adapters are merged into a model directory; a pickle is made a file first");
        request.RefuseVaePrecision("all tensors of a pickle are written alike, by --precision");
        if (request.Naming is not null || request.ExtractFrom is not null) throw ConversionRequest.Wrong("--naming, --extract-lora: a pickle is made a file first; leave them away");
        using TorchPickle pickle = TorchPickle.Open(request.Source);
        request.MakeParent();
        pickle.Write(request.Target, settings);
        return $"{request.Target}: the plain tensors of {request.Source}, {Written.Of(settings.Meter)}";
    }
}
