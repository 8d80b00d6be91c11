using DiffusionDpo.Models.Layouts;
using DiffusionDpo.Models.Loading;
using DiffusionDpo.Models.Safetensors;
using Spectre.Console;

namespace DiffusionDpo.Cli.Inspection;

/// <summary>A safetensors file or an index of shards.</summary>
internal sealed class WeightsInspector : IInspector
{
    /// <inheritdoc/>
    public bool Recognises(string path) =>
        File.Exists(path) && (path.EndsWith(".safetensors", StringComparison.Ordinal) || path.EndsWith(".safetensors.index.json", StringComparison.Ordinal));

    /// <inheritdoc/>
    public IEnumerable<Table> Inspect(string path, bool withTensors)
    {
        using Weights weights = Weights.Open(path);
        Table facts = FactTable.Of(Path.GetFileName(path));
        if (SingleFileModel.Describe(weights) is { } model) facts.Fact("model in one file", model);
        foreach ((string name, string value) in Facts(weights)) facts.Fact(name, value);
        yield return facts;
        if (withTensors) yield return Tensors(weights);
    }

    /// <summary>Counts and types.</summary>
    /// <param name="weights">The weights.</param>
    internal static IEnumerable<(string Name, string Value)> Facts(Weights weights)
    {
        yield return ("tensors", $"{weights.Entries.Count:N0}");
        yield return ("parameters", $"{weights.Entries.Values.Sum(Count):N0}");
        yield return ("types", string.Join(", ", weights.Entries.Values.GroupBy(entry => entry.Type).Select(group => $"{group.Count():N0} × {group.Key}")));
        yield return ("bytes", $"{weights.Entries.Values.Sum(entry => entry.Length):N0}");
    }

    /// <summary>One row per tensor.</summary>
    /// <param name="weights">The weights.</param>
    internal static Table Tensors(Weights weights)
    {
        Table table = new Table().Border(TableBorder.Simple).AddColumns("tensor", "type", "shape");
        foreach ((string name, SafetensorsEntry entry) in weights.Entries.OrderBy(one => one.Key, StringComparer.Ordinal))
            table.AddRow(Markup.Escape(name), entry.Type.ToString(), string.Join(" × ", entry.Shape));
        return table;
    }

    private static long Count(SafetensorsEntry entry) => entry.Shape.Aggregate(1L, (product, size) => product * size);
}
