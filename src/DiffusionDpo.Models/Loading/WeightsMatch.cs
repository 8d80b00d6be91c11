using DiffusionDpo.Api.Failures;
using DiffusionDpo.Models.Safetensors;

namespace DiffusionDpo.Models.Loading;

/// <summary>Finds, for every parameter of a network, the stored tensor that belongs there.</summary>
internal static class WeightsMatch
{
    private const int MostNamed = 40;

    /// <summary>Parameter name to stored name, one to one.</summary>
    /// <param name="expected">All parameters of the network.</param>
    /// <param name="weights">What is stored.</param>
    /// <param name="network">What a message calls the network.</param>
    /// <exception cref="RunException">Data error: they do not fit; the message says everything that differs.</exception>
    public static IReadOnlyDictionary<string, string> Of(IReadOnlyList<ParameterShape> expected, Weights weights, string network)
    {
        HashSet<string> names = [.. expected.Select(one => one.Name)];
        ILookup<string, SafetensorsEntry> byCurrentName = weights.Entries.Values.ToLookup(entry => PublishedNames.Current(entry.Name));
        List<(ParameterShape Parameter, SafetensorsEntry Entry)> pairs =
            [.. from one in expected from entry in byCurrentName[one.Name] select (one, entry)];
        string[] differences =
        [
            .. Difference("missing", expected.Where(one => !byCurrentName.Contains(one.Name)).Select(one => one.Name)),
            .. Difference("unexpected", weights.Entries.Keys.Where(name =>
                !names.Contains(PublishedNames.Current(name)) && !PublishedNames.IsIgnorable(name))),
            .. Difference("stored twice", expected.Where(one => byCurrentName[one.Name].Count() > 1).Select(one => one.Name)),
            .. Difference("of another shape", pairs.Where(pair => !SameShape(pair.Parameter, pair.Entry)).Select(pair =>
                $"{pair.Entry.Name} is {Shape(pair.Entry.Shape)} in the file, {Shape(pair.Parameter.Shape)} in the model")),
            .. Difference("of another kind", pairs.Where(pair => !StorageTypes.IsFloating(pair.Entry.Type)).Select(pair =>
                $"{pair.Entry.Name} is {pair.Entry.Type} in the file, floating in the model")),
        ];
        if (differences.Length == 0) return pairs.ToDictionary(pair => pair.Parameter.Name, pair => pair.Entry.Name);
        throw new RunException(
            ExitClass.DataError,
            $"{weights.Path} does not fit {network}: {string.Join("; ", differences)}; check that config.json and weights belong together");
    }

    private static bool SameShape(ParameterShape parameter, SafetensorsEntry entry) =>
        PublishedNames.CurrentShape(entry.Name, entry.Shape).SequenceEqual(parameter.Shape);

    /// <summary>"N kind (name, name, …)", or nothing where there are none.</summary>
    public static IEnumerable<string> Difference(string kind, IEnumerable<string> items)
    {
        string[] all = [.. items];
        if (all.Length == 0) yield break;
        string rest = all.Length > MostNamed ? $" and {all.Length - MostNamed} more" : "";
        yield return $"{all.Length} {kind} ({string.Join(", ", all.Take(MostNamed).Select(Excerpt.Plain))}{rest})";
    }

    /// <summary>Such as [4, 3].</summary>
    public static string Shape(IReadOnlyList<long> shape) => $"[{string.Join(", ", shape)}]";
}
