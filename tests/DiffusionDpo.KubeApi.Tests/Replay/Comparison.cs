using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace DiffusionDpo.KubeApi.Tests.Replay;

/// <summary>Compares an answer with a recording.</summary>
internal sealed partial class Comparison(Placeholders placeholders, IReadOnlySet<string> ignored, string mode, bool looseMessage)
{
    public void Match(JsonNode? expected, JsonNode? actual, string path)
    {
        switch (expected)
        {
            case JsonObject map:
                MatchMap(map, actual as JsonObject ?? throw Differs(path, "an object", actual), path);
                break;
            case JsonArray list:
                MatchList(list, actual as JsonArray ?? throw Differs(path, "a list", actual), path);
                break;
            case JsonValue value when value.GetValueKind() == JsonValueKind.String:
                placeholders.Match(value.GetValue<string>(), actual, path);
                break;
            default:
                if (!JsonNode.DeepEquals(expected, actual))
                    throw Differs(path, expected?.ToJsonString() ?? "null", actual);
                break;
        }
    }

    private void MatchMap(JsonObject expected, JsonObject actual, string path)
    {
        if (expected.Any(field => field.Key.Contains("${", StringComparison.Ordinal)))
            expected = new JsonObject(expected.Select(field => KeyValuePair.Create(placeholders.Show(field.Key), field.Value?.DeepClone())));
        if (IsStatusOfSeveralCauses(expected) && (actual["details"] as JsonObject)?["causes"] is JsonArray)
            (expected, actual) = (Unordered(expected), Unordered(actual));
        foreach (var (name, value) in expected)
        {
            if (ignored.Contains(name) || looseMessage && name == "message" && Text(expected, "kind") == "Status")
                continue;
            if (!actual.TryGetPropertyValue(name, out var given))
                throw new Mismatch($"{path}.{name}: missing (expected {Short(value)})");
            var ordered = value;
            if (name == "managedFields" && value is JsonArray wanted && given is JsonArray got)
                (ordered, given) = (ByManager(wanted), ByManager(got));
            Match(ordered, given, $"{path}.{name}");
        }

        if (mode.Length > 0)
            return;
        var extra = actual.Where(field => !expected.ContainsKey(field.Key) && !ignored.Contains(field.Key)).ToList();
        if (extra.Count > 0)
            throw new Mismatch($"{path}: unexpected {string.Join(", ", extra.Select(field => $"{field.Key} = {Short(field.Value)}"))}");
    }

    private void MatchList(JsonArray expected, JsonArray actual, string path)
    {
        if (mode == "contains")
        {
            for (var index = 0; index < expected.Count; index++)
                MatchAny(expected[index], actual, $"{path}[{index}]");
            return;
        }

        if (expected.Count != actual.Count)
            throw new Mismatch($"{path}: expected {expected.Count} elements, got {actual.Count}: {Short(actual)}");
        for (var index = 0; index < expected.Count; index++)
            Match(expected[index], actual[index], $"{path}[{index}]");
    }

    private void MatchAny(JsonNode? expected, JsonArray actual, string path)
    {
        Mismatch? last = null;
        foreach (var item in actual)
        {
            var trial = placeholders.Copy();
            try
            {
                new Comparison(trial, ignored, mode, looseMessage).Match(expected, item, path);
                placeholders.TakeOver(trial);
                return;
            }
            catch (Mismatch mismatch)
            {
                last = mismatch;
            }
        }

        throw new Mismatch($"{path}: no element matches {Short(expected)} (last: {last?.Message})");
    }

    private static bool IsStatusOfSeveralCauses(JsonObject expected) =>
        Text(expected, "kind") == "Status" && (expected["details"] as JsonObject)?["causes"] is JsonArray { Count: > 1 };

    // Schema errors come in no fixed order: causes are compared as a set, the message as a bag of words.
    private static JsonObject Unordered(JsonObject status)
    {
        var copy = (JsonObject)status.DeepClone();
        if (Text(copy, "message") is { } message)
            copy["message"] = string.Join('|', Words().Split(message).Order(StringComparer.Ordinal));
        var details = (JsonObject)copy["details"]!;
        var causes = ((JsonArray)details["causes"]!).Select(cause => cause!.DeepClone())
            .OrderBy(cause => $"{Text(cause, "field")}\0{Text(cause, "reason")}\0{Text(cause, "message")}", StringComparer.Ordinal);
        details["causes"] = new JsonArray([.. causes]);
        return copy;
    }

    private static JsonArray ByManager(JsonArray entries) => new([.. entries.Select(entry => entry!.DeepClone()).OrderBy(
        entry => $"{Text(entry, "operation")}\0{Text(entry, "manager")}\0{Text(entry, "subresource")}\0{Text(entry, "apiVersion")}", StringComparer.Ordinal)]);

    private static string? Text(JsonNode? node, string name) =>
        (node as JsonObject)?[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private static Mismatch Differs(string path, string expected, JsonNode? actual) => new($"{path}: expected {expected}, got {Short(actual)}");

    private static string Short(JsonNode? node)
    {
        var text = node?.ToJsonString() ?? "null";
        return text.Length > 300 ? text[..300] : text;
    }

    [GeneratedRegex(@"[\[\], ]+")]
    private static partial Regex Words();
}
