using System.Text.Json.Nodes;

namespace KubeApi.Schemas;

/// <summary>Fills in a schema's defaults, from the outside in; null counts as missing unless the field is nullable.</summary>
internal static class Defaulting
{
    public static void Default(StructuralSchema schema, JsonNode? value)
    {
        switch (value)
        {
            case JsonObject map:
                foreach (var (name, property) in schema.Properties)
                {
                    var given = map.TryGetPropertyValue(name, out var current);
                    if (given && current is null && !property.Nullable)
                    {
                        map.Remove(name);
                        given = false;
                    }

                    if (!given && property.Default is { } standard)
                        map[name] = standard.DeepClone();
                    Default(property, map[name]);
                }

                if (schema.AdditionalProperties is { } values)
                {
                    foreach (var (name, item) in map)
                    {
                        if (!schema.Properties.ContainsKey(name))
                            Default(values, item);
                    }
                }

                break;
            case JsonArray list when schema.Items is { } items:
                foreach (var item in list)
                    Default(items, item);
                break;
        }
    }
}
