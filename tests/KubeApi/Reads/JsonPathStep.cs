using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace KubeApi.Reads;

/// <summary>One step of the simple JSON paths that printer columns use: a field, an index, or a filter by equality.</summary>
internal static partial class JsonPathStep
{
    public static JsonNode? Take(JsonNode? at, string step)
    {
        var match = Step().Match(step);
        if (!match.Success)
            return null;
        var node = match.Groups[1].Length > 0 ? (at as JsonObject)?[match.Groups[1].Value] : at;
        if (match.Groups[2].Success)
            return node is JsonArray list && int.Parse(match.Groups[2].ValueSpan, System.Globalization.CultureInfo.InvariantCulture) is var index && index < list.Count ? list[index] : null;
        if (match.Groups[3].Success)
            return (node as JsonArray)?.FirstOrDefault(item => (item as JsonObject)?[match.Groups[3].Value]?.ToString() == match.Groups[4].Value);
        return node;
    }

    [GeneratedRegex("""^([\w-]*)(?:\[(\d+)\]|\[\?\(@(\w+)==["'](.*)["']\)\])?$""")]
    private static partial Regex Step();
}
