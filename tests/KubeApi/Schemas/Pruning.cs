using System.Text.Json.Nodes;

namespace KubeApi.Schemas;

/// <summary>Drops what a schema does not declare and names it.</summary>
internal static class Pruning
{
    public static void Prune(StructuralSchema schema, JsonNode? value, string path, ICollection<string> unknown)
    {
        switch (value)
        {
            case JsonObject map:
                PruneMap(schema, map, path, unknown);
                break;
            case JsonArray list when schema.Items is { } items:
                for (var index = 0; index < list.Count; index++)
                    Prune(items, list[index], $"{path}[{index}]", unknown);
                break;
        }
    }

    private static void PruneMap(StructuralSchema schema, JsonObject map, string path, ICollection<string> unknown)
    {
        foreach (var name in map.Select(field => field.Key).ToList())
        {
            var below = path.Length == 0 ? name : $"{path}.{name}";
            if (path.Length == 0 && name is "apiVersion" or "kind" or "metadata" && path.Length == 0)
                continue;
            if (schema.EmbeddedResource && name is "apiVersion" or "kind" or "metadata" && schema.EmbeddedResource)
                continue;
            var property = schema.Properties.GetValueOrDefault(name) ?? schema.AdditionalProperties;
            if (property is not null)
                Prune(property, map[name], below, unknown);
            else if (!schema.PreservesUnknown && !schema.OpenMap)
            {
                map.Remove(name);
                unknown.Add(below);
            }
        }
    }
}
