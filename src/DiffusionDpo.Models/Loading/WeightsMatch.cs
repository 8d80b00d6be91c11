using DiffusionDpo.Api.Failures;
using DiffusionDpo.Models.Safetensors;

namespace DiffusionDpo.Models.Loading;

/// <summary>Finds, for every parameter of a module, the stored tensor that belongs there.</summary>
internal static class WeightsMatch
{
    private const int MostNamed = 40;

    /// <summary>Parameter name to stored name, one to one.</summary>
    /// <exception cref="RunException">Data error: they do not fit; the message says everything that differs.</exception>
    public static IReadOnlyDictionary<string, string> Of(IReadOnlyList<ParameterSlot> slots, Weights weights, string module)
    {
        Dictionary<string, ParameterSlot> bySlotName = slots.ToDictionary(slot => slot.Name);
        ILookup<string, SafetensorsEntry> byCurrentName = weights.Entries.Values.ToLookup(entry => PublishedNames.Current(entry.Name));
        List<(ParameterSlot Slot, SafetensorsEntry Entry)> pairs =
            [.. from slot in slots from entry in byCurrentName[slot.Name] select (slot, entry)];
        string[] differences =
        [
            .. Difference("missing", slots.Where(slot => !byCurrentName.Contains(slot.Name)).Select(slot => slot.Name)),
            .. Difference("unexpected", weights.Entries.Keys.Where(name => !bySlotName.ContainsKey(PublishedNames.Current(name)) && !PublishedNames.IsIgnorable(name))),
            .. Difference("stored twice", byCurrentName.Where(group => group.Count() > 1 && bySlotName.ContainsKey(group.Key)).Select(group => group.Key)),
            .. Difference("of another shape", pairs.Where(pair => !SameShape(pair.Slot, pair.Entry)).Select(pair =>
                $"{pair.Entry.Name} is {Shape(pair.Entry.Shape)} in the file, {Shape(pair.Slot.Current.shape)} in the model")),
            .. Difference("of another kind", pairs.Where(pair => !StorageTypes.IsFloating(pair.Entry.Type)).Select(pair =>
                $"{pair.Entry.Name} is {pair.Entry.Type} in the file, floating in the model")),
        ];
        if (differences.Length == 0) return pairs.ToDictionary(pair => pair.Slot.Name, pair => pair.Entry.Name);
        throw new RunException(
            ExitClass.DataError,
            $"{weights.Path} does not fit {module}: {string.Join("; ", differences)}; check that config.json and weights belong together");
    }

    private static bool SameShape(ParameterSlot slot, SafetensorsEntry entry) =>
        PublishedNames.CurrentShape(entry.Name, entry.Shape).SequenceEqual(slot.Current.shape);

    private static IEnumerable<string> Difference(string kind, IEnumerable<string> items)
    {
        string[] all = [.. items];
        if (all.Length == 0) yield break;
        string rest = all.Length > MostNamed ? $" and {all.Length - MostNamed} more" : "";
        yield return $"{all.Length} {kind} ({string.Join(", ", all.Take(MostNamed).Select(Excerpt.Plain))}{rest})";
    }

    private static string Shape(IReadOnlyList<long> shape) => $"[{string.Join(", ", shape)}]";
}
