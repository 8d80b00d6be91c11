using System.Text.Json;
using System.Text.Json.Nodes;

namespace KubeApi.Json;

/// <summary>Reads JSON into documents. Of duplicate keys the last one counts and the others are reported, as the real decoder does.</summary>
public static class DocumentReader
{
    public static JsonObject Read(ReadOnlySpan<byte> json) =>
        ReadNode(json) as JsonObject ?? throw new JsonException("the document is not an object");

    public static JsonNode? ReadNode(ReadOnlySpan<byte> json, List<string>? duplicates = null)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 512 });
        reader.Read();
        var node = ReadValue(ref reader, "", duplicates);
        while (reader.Read())
        {
        }

        return node;
    }

    private static JsonNode? ReadValue(ref Utf8JsonReader reader, string path, List<string>? duplicates) => reader.TokenType switch
    {
        JsonTokenType.StartObject => ReadObject(ref reader, path, duplicates),
        JsonTokenType.StartArray => ReadArray(ref reader, path, duplicates),
        JsonTokenType.String => JsonValue.Create(reader.GetString()),
        JsonTokenType.Number => reader.TryGetInt64(out var integer) ? JsonValue.Create(integer) : JsonValue.Create(reader.GetDouble()),
        JsonTokenType.True => JsonValue.Create(true),
        JsonTokenType.False => JsonValue.Create(false),
        _ => null,
    };

    private static JsonObject ReadObject(ref Utf8JsonReader reader, string path, List<string>? duplicates)
    {
        var result = new JsonObject();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            var below = path.Length == 0 ? name : $"{path}.{name}";
            reader.Read();
            var value = ReadValue(ref reader, below, duplicates);
            if (duplicates is not null && result.ContainsKey(name))
                duplicates.Add(below);
            result[name] = value;
        }

        return result;
    }

    private static JsonArray ReadArray(ref Utf8JsonReader reader, string path, List<string>? duplicates)
    {
        var result = new JsonArray();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            result.Add(ReadValue(ref reader, duplicates is null ? path : $"{path}[{result.Count}]", duplicates));
        return result;
    }
}
