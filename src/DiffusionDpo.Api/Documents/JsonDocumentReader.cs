using System.Text.Json;

namespace DiffusionDpo.Api.Documents;

/// <summary>Reads JSON into <see cref="DocumentNode"/>s. Places are not known; paths are.</summary>
internal static class JsonDocumentReader
{
    /// <summary>Reads one JSON value.</summary>
    /// <exception cref="JsonException">The text is not JSON, or holds a surrogate without its other half.</exception>
    public static DocumentNode Read(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return Convert(document.RootElement);
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            throw new JsonException("half a character of two", e);
        }
    }

    private static DocumentNode Convert(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => new MapNode(default, [.. element.EnumerateObject().Select(Entry)]),
        JsonValueKind.Array => new ListNode(default, [.. element.EnumerateArray().Select(Convert)]),
        JsonValueKind.String => new ScalarNode(default, ScalarKind.String, element.GetString()!),
        JsonValueKind.Number => Number(element.GetRawText()),
        JsonValueKind.True or JsonValueKind.False => new ScalarNode(default, ScalarKind.Boolean, element.GetRawText()),
        _ => new ScalarNode(default, ScalarKind.Null, ""),
    };

    private static MapEntry Entry(JsonProperty property) => new(default, property.Name, Convert(property.Value));

    private static ScalarNode Number(string text) =>
        new(default, text.AsSpan().ContainsAny('.', 'e', 'E') ? ScalarKind.Float : ScalarKind.Integer, text);
}
