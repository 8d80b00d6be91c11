using System.Globalization;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Models.Adapters;
using DiffusionDpo.Models.Loading;
using Spectre.Console;

namespace DiffusionDpo.Cli.Inspection;

/// <summary>A file of low-rank adapters.</summary>
internal sealed class LoraInspector : IInspector
{
    private const int MostListed = 8;

    /// <inheritdoc/>
    public bool Recognises(string path)
    {
        if (!File.Exists(path) || !path.EndsWith(".safetensors", StringComparison.Ordinal)) return false;
        try
        {
            using Weights weights = Weights.Open(path);
            return LoraDocument.IsOne(weights.Entries.Keys);
        }
        catch (RunException)
        {
            return false; // whoever describes it says what is wrong
        }
    }

    /// <inheritdoc/>
    public IEnumerable<Table> Inspect(string path, bool withTensors)
    {
        using LoraDocument document = LoraDocument.Open(path);
        using Weights weights = Weights.Open(path);
        Table facts = FactTable.Of(Path.GetFileName(path));
        facts.Fact("low-rank adapters", $"{document.Layers.Count:N0} layers of a UNet, {document.Naming.Title} names");
        facts.Fact("rank", Listed(document.Layers.Select(layer => (double)layer.Rank)));
        facts.Fact("alpha", Listed(document.Layers.Select(layer => layer.Alpha)));
        facts.Fact("base unet", document.BaseHash ?? "not named, as in files of other tools");
        int encoders = document.Others.Count(LoraDocument.IsOfTextEncoder), others = document.Others.Count - encoders;
        if (encoders > 0) facts.Fact("of text encoders", $"{encoders:N0} tensors; such adapters are not supported");
        if (others > 0) facts.Fact("of another kind", $"{others:N0} tensors; only A, B and alpha are supported");
        foreach ((string name, string value) in WeightsInspector.Facts(weights)) facts.Fact(name, value);
        yield return facts;
        if (withTensors) yield return WeightsInspector.Tensors(weights);
    }

    private static string Listed(IEnumerable<double> numbers)
    {
        double[] all = [.. numbers.Distinct().Order()];
        return all.Length <= MostListed
            ? string.Join(", ", all.Select(number => number.ToString("G6", CultureInfo.InvariantCulture)))
            : string.Create(CultureInfo.InvariantCulture, $"{all[0]:G6} to {all[^1]:G6}");
    }
}
