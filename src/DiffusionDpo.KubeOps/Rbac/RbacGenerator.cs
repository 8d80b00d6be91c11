using System.Reflection;
using System.Text.Json.Nodes;
using DiffusionDpo.KubeOps.Crds;
using k8s.Models;
using KubeOps.Abstractions.Rbac;

namespace DiffusionDpo.KubeOps.Rbac;

/// <summary>
/// Writes the roles that controllers need, from the attributes on their classes: one rule per set of verbs, everything sorted, so that the
/// same permissions give the same bytes however they are spread over classes.
/// </summary>
public static class RbacGenerator
{
    /// <summary>The permissions in all namespaces, as YAML.</summary>
    /// <param name="name">Name of the role.</param>
    /// <param name="carriers">Classes with <see cref="RbacAttribute"/>s.</param>
    public static string ClusterRole(string name, params IReadOnlyList<Type> carriers) =>
        YamlText.Of(Role("ClusterRole", new JsonObject { ["name"] = name }, [.. ResourceRules(carriers), .. UrlRules(carriers)]));

    /// <summary>The permissions in one namespace, as YAML.</summary>
    /// <param name="name">Name of the role.</param>
    /// <param name="targetNamespace">Its namespace.</param>
    /// <param name="carriers">Classes with <see cref="RbacAttribute"/>s.</param>
    /// <exception cref="ArgumentException">A permission is on a URL, which belongs to no namespace.</exception>
    public static string Role(string name, string targetNamespace, params IReadOnlyList<Type> carriers)
    {
        if (UrlRules(carriers).Any()) throw new ArgumentException("a URL belongs to no namespace", nameof(carriers));
        return YamlText.Of(Role("Role", new JsonObject { ["name"] = name, ["namespace"] = targetNamespace }, [.. ResourceRules(carriers)]));
    }

    private static JsonObject Role(string kind, JsonObject metadata, JsonArray rules) => new()
    {
        ["apiVersion"] = "rbac.authorization.k8s.io/v1",
        ["kind"] = kind,
        ["metadata"] = metadata,
        ["rules"] = rules,
    };

    private static IEnumerable<JsonObject> ResourceRules(IReadOnlyList<Type> carriers) => Permissions(carriers)
        .GroupBy(p => (p.Group, p.Resource), p => p.Verbs)
        .Select(g => (g.Key.Group, g.Key.Resource, Verbs: new VerbList(g)))
        .GroupBy(p => (p.Group, p.Verbs), p => p.Resource)
        .Select(g => (g.Key.Group, g.Key.Verbs, Resources: g.Order(StringComparer.Ordinal).ToList()))
        .OrderBy(rule => rule.Group, StringComparer.Ordinal).ThenBy(rule => rule.Resources[0], StringComparer.Ordinal)
        .Select(rule => new JsonObject
        {
            ["apiGroups"] = List([rule.Group]),
            ["resources"] = List(rule.Resources),
            ["verbs"] = List(rule.Verbs.Words),
        });

    private static IEnumerable<JsonObject> UrlRules(IReadOnlyList<Type> carriers) => Attributes<GenericRbacAttribute>(carriers)
        .SelectMany(a => a.Urls, (a, url) => (Url: url, a.Verbs))
        .GroupBy(p => p.Url, p => p.Verbs)
        .GroupBy(g => new VerbList(g), g => g.Key)
        .Select(g => (Verbs: g.Key, Urls: g.Order(StringComparer.Ordinal).ToList()))
        .OrderBy(rule => rule.Urls[0], StringComparer.Ordinal)
        .Select(rule => new JsonObject { ["nonResourceURLs"] = List(rule.Urls), ["verbs"] = List(rule.Verbs.Words) });

    private static IEnumerable<(string Group, string Resource, RbacVerb Verbs)> Permissions(IReadOnlyList<Type> carriers) =>
        Attributes<EntityRbacAttribute>(carriers)
            .SelectMany(a => a.Entities, (a, entity) => (Names(entity).Group, Names(entity).PluralName, a.Verbs))
            .Concat(
                from attribute in Attributes<GenericRbacAttribute>(carriers)
                from apiGroup in attribute.Groups
                from resource in attribute.Resources
                select (apiGroup, resource, attribute.Verbs));

    private static IEnumerable<T> Attributes<T>(IReadOnlyList<Type> carriers)
        where T : RbacAttribute => carriers.SelectMany(carrier => carrier.GetCustomAttributes<T>());

    private static KubernetesEntityAttribute Names(Type entity) => entity.GetCustomAttribute<KubernetesEntityAttribute>()
        ?? throw new ArgumentException($"{entity} has no {nameof(KubernetesEntityAttribute)}", nameof(entity));

    private static JsonArray List(IEnumerable<string> texts) => [.. texts.Select(t => (JsonNode)t)];
}
