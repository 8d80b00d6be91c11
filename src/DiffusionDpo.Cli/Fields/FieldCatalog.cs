using System.Reflection;
using YamlDotNet.RepresentationModel;

namespace DiffusionDpo.Cli.Fields;

/// <summary>
/// All fields of a fine-tune, from the definition that is generated from their types: one text in the types, the cluster's definition, <c>ddpo explain</c>,
/// <c>ddpo init</c> and docs/run-file.md.
/// </summary>
internal static class FieldCatalog
{
    private static readonly Dictionary<string, string> s_kinds = new()
    {
        ["object"] = "section", ["array"] = "list", ["string"] = "text", ["boolean"] = "true or false", ["integer"] = "integer", ["number"] = "number",
    };

    // Kubernetes' own types have hundreds of fields, which its documentation explains.
    private static readonly string[] s_notOurs = ["workers.resources", "workers.tolerations[]", "workers.affinity"];

    /// <summary>In the order of the types; a section comes before its fields.</summary>
    public static IReadOnlyList<Field> All { get; } = [.. Under(Spec(), "")];

    /// <summary>The field at a place.</summary>
    /// <param name="path">Such as <c>training.steps</c>.</param>
    public static Field Get(string path) => All.Single(field => field.Path == path);

    private static YamlMappingNode Spec()
    {
        using Stream resource = Assembly.GetExecutingAssembly().GetManifestResourceStream("definition.yaml")!;
        using StreamReader reader = new(resource);
        YamlStream yaml = [];
        yaml.Load(reader);
        YamlNode version = yaml.Documents[0].RootNode["spec"]["versions"][0];
        return (YamlMappingNode)version["schema"]["openAPIV3Schema"]["properties"]["spec"];
    }

    private static IEnumerable<Field> Under(YamlMappingNode section, string path)
    {
        if (s_notOurs.Contains(path) || Child(section, "properties") is not YamlMappingNode properties) yield break;
        string[] required = Texts(section, "required");
        foreach ((YamlNode key, YamlNode value) in properties)
        {
            YamlMappingNode schema = (YamlMappingNode)value;
            string name = ((YamlScalarNode)key).Value!, place = path.Length == 0 ? name : $"{path}.{name}";
            yield return Read(schema, place, required.Contains(name));
            foreach (Field field in Under(schema, place)) yield return field;
            if (Child(schema, "items") is YamlMappingNode items)
                foreach (Field field in Under(items, $"{place}[]")) yield return field;
        }
    }

    private static Field Read(YamlMappingNode schema, string path, bool isRequired) => new()
    {
        Path = path,
        Description = Text(schema, "description") ?? "",
        Kind = Kind(schema),
        Choices = Texts(schema, "enum"),
        IsRequired = isRequired,
        Default = Child(schema, "default") is YamlScalarNode { Value.Length: > 0 } value ? value.Value : null,
        Bounds = Bounds(schema),
    };

    private static string Kind(YamlMappingNode schema)
    {
        string kind = s_kinds[Text(schema, "type") ?? "string"];
        return Child(schema, "additionalProperties") is null ? kind : "map";
    }

    private static string Bounds(YamlMappingNode schema)
    {
        string? least = Text(schema, "minimum"), most = Text(schema, "maximum");
        if (least is null || most is null) return "";
        return $"{(Text(schema, "exclusiveMinimum") == "true" ? $"more than {least}" : least)} to {(Text(schema, "exclusiveMaximum") == "true" ? $"less than {most}" : most)}";
    }

    private static YamlNode? Child(YamlMappingNode node, string key) => node.Children.TryGetValue(new YamlScalarNode(key), out YamlNode? child) ? child : null;

    private static string? Text(YamlMappingNode node, string key) => (Child(node, key) as YamlScalarNode)?.Value;

    private static string[] Texts(YamlMappingNode node, string key) =>
        Child(node, key) is YamlSequenceNode list ? [.. list.Children.Select(each => ((YamlScalarNode)each).Value!)] : [];
}
