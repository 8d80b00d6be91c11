using System.Text.Json;
using System.Text.Json.Nodes;
using KubeApi.Errors;
using KubeApi.FieldOwnership;
using KubeApi.Json;

namespace KubeApi.Schemas;

/// <summary>What the typed decoder of builtin kinds does: unknown fields and nulls go, a wrong JSON type is refused.</summary>
internal static class ModelDecoding
{
    public static void Decode(string kind, FieldSchema schema, JsonObject document, ICollection<string> unknown) =>
        Decode(kind, schema, document, "", unknown);

    private static void Decode(string kind, FieldSchema schema, JsonNode? value, string path, ICollection<string> unknown)
    {
        switch (value)
        {
            case JsonObject map when IsObject(schema):
                foreach (var name in map.Select(field => field.Key).ToList())
                    DecodeField(kind, schema, map, name, path, unknown);
                break;
            case JsonArray list when !IsObject(schema) && schema.Item is { } item:
                for (var index = 0; index < list.Count; index++)
                    Decode(kind, item, list[index], $"{path}[{index}]", unknown);
                break;
            case not null when schema.ScalarType is { } type && Mismatch(type, value.Kind()) is { } given:
                throw Wrong(kind, path, given, type);
            case not (null or JsonObject) when IsObject(schema):
                throw Wrong(kind, path, Mismatch("", value.Kind())!, "struct");
            case JsonObject when schema.Item is not null:
                throw Wrong(kind, path, "object", "[]");
        }
    }

    private static bool IsObject(FieldSchema schema) => schema.Fields.Count > 0 || schema.Shape == FieldShape.Map;

    private static ApiException Wrong(string kind, string path, string given, string wanted) =>
        Refusals.BadRequest($"{kind} in version \"v1\" cannot be handled as a {kind}: json: cannot unmarshal {given} into Go struct field {kind}.{path} of type {wanted}");

    private static void DecodeField(string kind, FieldSchema schema, JsonObject map, string name, string path, ICollection<string> unknown)
    {
        var below = path.Length == 0 ? name : $"{path}.{name}";
        var field = schema.Fields.GetValueOrDefault(name) ?? (schema.Fields.Count == 0 ? schema.Item : null);
        if (field is null)
        {
            map.Remove(name);
            unknown.Add(below);
        }
        else if (map[name] is null)
            map.Remove(name);
        else
            Decode(kind, field, map[name], below, unknown);
    }

    private static string? Mismatch(string type, JsonValueKind kind) => (type, kind) switch
    {
        ("string", JsonValueKind.String) or ("numeric", JsonValueKind.Number) or ("boolean", JsonValueKind.True or JsonValueKind.False) => null,
        (_, JsonValueKind.Number) => "number",
        (_, JsonValueKind.String) => "string",
        (_, JsonValueKind.Object) => "object",
        (_, JsonValueKind.Array) => "array",
        _ => "bool",
    };
}
