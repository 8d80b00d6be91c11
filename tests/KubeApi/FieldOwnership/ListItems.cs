using System.Text;
using System.Text.Json.Nodes;
using KubeApi.Json;

namespace KubeApi.FieldOwnership;

/// <summary>The items of a set or list map by their path element (v:..., k:{...}), in order.</summary>
internal static class ListItems
{
    public static IEnumerable<(string Element, JsonNode? Item)> Of(FieldSchema schema, JsonArray list)
    {
        foreach (var item in list)
            yield return (Element(schema, item), item);
    }

    public static string Element(FieldSchema schema, JsonNode? item)
    {
        if (schema.Shape == FieldShape.Set)
            return $"v:{Show(item)}";
        var keys = new StringBuilder("k:{");
        foreach (var key in schema.Keys)
        {
            var value = (item as JsonObject)?[key] ?? schema.KeyDefaults.GetValueOrDefault(key);
            if (keys.Length > 3)
                keys.Append(',');
            keys.Append('"').Append(key).Append("\":").Append(Show(value));
        }

        return keys.Append('}').ToString();
    }

    private static string Show(JsonNode? node) => Encoding.UTF8.GetString(DocumentWriter.Write(node));
}
