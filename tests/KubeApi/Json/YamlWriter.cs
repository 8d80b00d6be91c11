using System.Text.Json;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace KubeApi.Json;

/// <summary>Writes documents as YAML.</summary>
public static class YamlWriter
{
    public static string Write(JsonNode document)
    {
        using var text = new StringWriter();
        new YamlStream(new YamlDocument(Convert(document))).Save(text, false);
        return text.ToString().Replace("\n...", "", StringComparison.Ordinal);
    }

    private static YamlNode Convert(JsonNode? node) => node switch
    {
        JsonObject map => new YamlMappingNode(map.SelectMany(field => (YamlNode[])[new YamlScalarNode(field.Key), Convert(field.Value)])),
        JsonArray list => new YamlSequenceNode(list.Select(Convert)),
        JsonValue value when value.GetValueKind() == JsonValueKind.String => new YamlScalarNode(value.ToString()) { Style = ScalarStyle.DoubleQuoted },
        _ => new YamlScalarNode(node?.ToJsonString() ?? "null"),
    };
}
