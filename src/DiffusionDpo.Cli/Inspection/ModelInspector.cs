using DiffusionDpo.Models.Loading;
using Spectre.Console;

namespace DiffusionDpo.Cli.Inspection;

/// <summary>A model directory in diffusers layout.</summary>
internal sealed class ModelInspector : IInspector
{
    private static readonly string[] s_networks = ["unet", "vae", "text_encoder", "text_encoder_2"];

    /// <inheritdoc/>
    public bool Recognises(string path) => File.Exists(Path.Combine(path, ModelDirectory.IndexName));

    /// <inheritdoc/>
    public IEnumerable<Table> Inspect(string path, bool withTensors)
    {
        ModelDirectory model = ModelDirectory.Open(path);
        Table facts = FactTable.Of(path);
        facts.Fact("pipeline", model.PipelineClass);
        facts.Fact("components", string.Join(", ", model.Components));
        List<Table> tables = [facts];
        foreach (string network in model.Components.Intersect(s_networks))
        {
            using Weights weights = model.OpenWeights(network);
            foreach ((string name, string value) in WeightsInspector.Facts(weights)) facts.Fact($"{network}: {name}", value);
            if (withTensors) tables.Add(WeightsInspector.Tensors(weights));
        }

        return tables;
    }
}
