using DiffusionDpo.Models.Adapters;
using DiffusionDpo.Models.Layouts;
using DiffusionDpo.Models.Loading;

namespace DiffusionDpo.Cli.Conversions;

/// <summary>What a fully trained model changes in its base becomes low-rank adapters.</summary>
internal sealed class ModelsToLora : IConversion
{
    /// <inheritdoc/>
    public bool Recognises(ConversionRequest request) => request.ExtractFrom is not null;

    /// <inheritdoc/>
    public string Convert(ConversionRequest request, ConversionSettings settings)
    {
        request.RefuseTokenizerAndLike("a file of adapters");
        request.RefuseLora("what differs is extracted");
        request.RefuseVaePrecision("a file of adapters has no autoencoder");
        if (request.FromFile || !request.ToFile) throw ConversionRequest.Wrong("--extract-lora: SOURCE is a model directory, and TARGET a file that ends in .safetensors");
        if (request.Rank < 1) throw ConversionRequest.Wrong("--rank: give 1 or more");
        ModelDirectory before = ModelDirectory.Open(request.ExtractFrom!), after = ModelDirectory.Open(request.Source);
        request.MakeParent();
        LoraExtraction found = LoraExtraction.Write(request.Target, (before, after), request.Rank ?? ConversionRequest.DefaultRank, request.Naming ?? LoraNaming.Diffusers, settings);
        string layers = string.Concat(found.Layers.Select(each => $"  {each.Module}: rank {each.Rank}, {each.Lost / each.Change:P2} lost of a change of {each.Change:G4}{Environment.NewLine}"));
        string rest = found.Uncovered > 0 ? $", of which norms and biases, which have no adapters, {found.Uncovered:G4}" : "";
        return $"{layers}{request.Target}: adapters of {found.Layers.Count} layers; {found.Loss:P2} of the change is lost{rest}";
    }
}
