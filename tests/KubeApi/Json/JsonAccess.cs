using System.Text.Json;
using System.Text.Json.Nodes;

namespace KubeApi.Json;

/// <summary>Short ways to read and change documents.</summary>
public static class JsonAccess
{
    /// <summary>The object's metadata; made if it is missing.</summary>
    public static JsonObject Metadata(this JsonObject document) => document.Child("metadata");

    /// <summary>The object under a key; made if it is missing or something else.</summary>
    public static JsonObject Child(this JsonObject parent, string name)
    {
        if (parent[name] is JsonObject child)
            return child;
        child = new JsonObject();
        parent[name] = child;
        return child;
    }

    /// <summary>The text under a key, or null if there is none or it is no string.</summary>
    public static string? Text(this JsonObject? parent, string name) =>
        parent?[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    public static long? Integer(this JsonObject? parent, string name) => parent?[name].AsInteger();

    public static bool? Flag(this JsonObject? parent, string name) =>
        parent?[name] is JsonValue value && value.TryGetValue<bool>(out var flag) ? flag : null;

    public static JsonObject? Object(this JsonObject? parent, string name) => parent?[name] as JsonObject;

    public static JsonArray? Array(this JsonObject? parent, string name) => parent?[name] as JsonArray;

    public static long? AsInteger(this JsonNode? node)
    {
        if (node is not JsonValue value || value.GetValueKind() != JsonValueKind.Number)
            return null;
        if (value.TryGetValue<long>(out var integer))
            return integer;
        if (value.TryGetValue<int>(out var small))
            return small;
        return value.TryGetValue<double>(out var real) && Math.Floor(real) == real && Math.Abs(real) < 1e18 ? (long)real : null;
    }

    public static double? AsNumber(this JsonNode? node)
    {
        if (node is not JsonValue value || value.GetValueKind() != JsonValueKind.Number)
            return null;
        return value.TryGetValue<double>(out var real) ? real : value.AsInteger();
    }

    public static JsonValueKind Kind(this JsonNode? node) => node?.GetValueKind() ?? JsonValueKind.Null;

    public static JsonObject Copy(this JsonObject document) => (JsonObject)document.DeepClone();

    public static bool SameAs(this JsonNode? left, JsonNode? right) => JsonNode.DeepEquals(left, right);

    /// <summary>Puts a copy of a value under a key, or removes the key where there is no value.</summary>
    public static void Assign(this JsonObject target, string name, JsonNode? value)
    {
        if (value is null)
            target.Remove(name);
        else
            target[name] = value.DeepClone();
    }
}
