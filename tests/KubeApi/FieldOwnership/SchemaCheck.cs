using System.Text.Json;
using System.Text.Json.Nodes;
using KubeApi.Errors;
using KubeApi.Json;

namespace KubeApi.FieldOwnership;

/// <summary>Whether an applied configuration fits the schema at all; the first thing that does not.</summary>
internal static class SchemaCheck
{
    public static string? FirstError(FieldSchema schema, JsonNode? value, string path)
    {
        switch (schema.Shape)
        {
            case FieldShape.Struct or FieldShape.Map when value is JsonObject map:
                foreach (var (name, child) in map)
                {
                    if (schema.Field(name) is not { } below)
                        return $"{path}.{name}: field not declared in schema";
                    if (FirstError(below, child, $"{path}.{name}") is { } error)
                        return error;
                }

                return null;
            case FieldShape.ListMap or FieldShape.Set when value is JsonArray list:
                return FirstInList(schema, list, path);
            case FieldShape.Atomic when schema.ScalarType is { } type && value is not null && !Fits(type, value.Kind()):
                return $"{path}: expected {type}, got &value.valueUnstructured{{Value:{FieldError.Show(value)}}}";
            default:
                return null;
        }
    }

    private static string? FirstInList(FieldSchema schema, JsonArray list, string path)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (element, item) in ListItems.Of(schema, list))
        {
            if (!seen.Add(element))
                return $"{path}: duplicate entries for key [{element}]";
            if (schema.Item is { } below && FirstError(below, item, $"{path}[{element}]") is { } error)
                return error;
        }

        return null;
    }

    private static bool Fits(string type, JsonValueKind kind) => type switch
    {
        "string" => kind == JsonValueKind.String,
        "boolean" => kind is JsonValueKind.True or JsonValueKind.False,
        "numeric" => kind == JsonValueKind.Number,
        _ => true,
    };
}
