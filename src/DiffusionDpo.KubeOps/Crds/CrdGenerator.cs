using System.Reflection;
using System.Text.Json.Nodes;
using k8s.Models;
using KubeOps.Abstractions.Entities;
using KubeOps.Abstractions.Entities.Attributes;

namespace DiffusionDpo.KubeOps.Crds;

/// <summary>
/// Writes the custom resource definition of an entity type: names and scope from its attributes, the schema from its types, their
/// attributes, initial values and XML documentation. The same types give the same bytes on every machine.
/// </summary>
public static class CrdGenerator
{
    /// <summary>The name of the definition, and of its file without extension: plural.group.</summary>
    public static string NameOf(Type entity) => $"{Names(entity).PluralName}.{Names(entity).Group}";

    /// <summary>The definition as YAML.</summary>
    /// <param name="entity">A type with <see cref="KubernetesEntityAttribute"/> and its documentation file beside its assembly.</param>
    /// <exception cref="FileNotFoundException">There is no documentation file.</exception>
    public static string ToYaml(Type entity) => YamlText.Of(Generate(entity));

    private static JsonObject Generate(Type entity)
    {
        var names = Names(entity);
        var scope = entity.GetCustomAttribute<EntityScopeAttribute>()?.Scope ?? EntityScope.Namespaced;
        return new JsonObject
        {
            ["apiVersion"] = "apiextensions.k8s.io/v1",
            ["kind"] = "CustomResourceDefinition",
            ["metadata"] = new JsonObject { ["name"] = NameOf(entity) },
            ["spec"] = new JsonObject
            {
                ["group"] = names.Group,
                ["names"] = NamesNode(entity, names),
                ["scope"] = scope.ToString(),
                ["versions"] = new JsonArray(Version(entity, names)),
            },
        };
    }

    private static JsonObject NamesNode(Type entity, KubernetesEntityAttribute names)
    {
        var shortNames = entity.GetCustomAttributes<KubernetesEntityShortNamesAttribute>().SelectMany(a => a.ShortNames);
        return new JsonObject
        {
            ["kind"] = names.Kind,
            ["listKind"] = $"{names.Kind}List",
            ["plural"] = names.PluralName,
            ["singular"] = names.Kind.ToLowerInvariant(),
            ["shortNames"] = new JsonArray([.. shortNames.Select(n => (JsonNode)n)]),
        };
    }

    private static JsonObject Version(Type entity, KubernetesEntityAttribute names)
    {
        var columns = entity.GetCustomAttributes<GenericAdditionalPrinterColumnAttribute>().Select(Column);
        return new JsonObject
        {
            ["name"] = names.ApiVersion,
            ["served"] = true,
            ["storage"] = true,
            ["additionalPrinterColumns"] = new JsonArray([.. columns]),
            ["subresources"] = new JsonObject { ["status"] = new JsonObject() },
            ["schema"] = new JsonObject { ["openAPIV3Schema"] = new SchemaBuilder(new XmlDocumentation()).Root(entity) },
        };
    }

    private static JsonObject Column(GenericAdditionalPrinterColumnAttribute column)
    {
        var node = new JsonObject { ["name"] = column.Name, ["type"] = column.Type, ["jsonPath"] = column.JsonPath };
        if (column.Description is { } description) node["description"] = description;
        if (column.Format is { } format) node["format"] = format;
        if (column.Priority != PrinterColumnPriority.StandardView) node["priority"] = (int)column.Priority;
        return node;
    }

    private static KubernetesEntityAttribute Names(Type entity) => entity.GetCustomAttribute<KubernetesEntityAttribute>()
        ?? throw new ArgumentException($"{entity} has no {nameof(KubernetesEntityAttribute)}", nameof(entity));
}
