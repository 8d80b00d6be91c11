using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using KubeApi.Resources;

namespace KubeApi.Discovery;

/// <summary>The documents that say which groups, versions and resources there are.</summary>
internal static class DiscoveryDocuments
{
    private static readonly string[] CustomVerbs = ["delete", "deletecollection", "get", "list", "patch", "create", "update", "watch"];

    public static JsonObject Versions() => new() { ["kind"] = "APIVersions", ["versions"] = new JsonArray("v1") };

    public static JsonObject Groups(ResourceRegistry resources) => new()
    {
        ["kind"] = "APIGroupList",
        ["apiVersion"] = "v1",
        ["groups"] = new JsonArray([.. GroupNames(resources).Select(name => (JsonNode)Group(resources, name))]),
    };

    public static JsonObject? Group(ResourceRegistry resources, string group, bool alone)
    {
        if (!GroupNames(resources).Contains(group))
            return null;
        var document = Group(resources, group);
        if (alone)
        {
            document["kind"] = "APIGroup";
            document["apiVersion"] = "v1";
        }

        return document;
    }

    public static JsonObject? Resources(ResourceRegistry resources, string group, string version)
    {
        var types = resources.All.Where(type => type.Group == group && type.Version == version).OrderBy(type => type.Plural, StringComparer.Ordinal).ToList();
        if (types.Count == 0)
            return null;
        var document = new JsonObject { ["kind"] = "APIResourceList" };
        if (group.Length > 0)
            document["apiVersion"] = "v1";
        document["groupVersion"] = types[0].ApiVersion;
        document["resources"] = new JsonArray([.. types.SelectMany(type => (JsonNode[])[Resource(type), .. type.Subresources.Select(sub => Subresource(type, sub))])]);
        return document;
    }

    public static IEnumerable<string> GroupNames(ResourceRegistry resources) =>
        resources.All.Select(type => type.Group).Where(group => group.Length > 0).Distinct();

    public static IReadOnlyList<string> Verbs(ResourceType type) => type.IsCustom ? CustomVerbs : type.Verbs;

    private static JsonObject Group(ResourceRegistry resources, string group)
    {
        var versions = resources.All.Where(type => type.Group == group).Select(type => type.Version).Distinct()
            .Select(version => new JsonObject { ["groupVersion"] = $"{group}/{version}", ["version"] = version }).ToList();
        return new JsonObject
        {
            ["name"] = group,
            ["versions"] = new JsonArray([.. versions.Select(version => version.DeepClone())]),
            ["preferredVersion"] = versions[0],
        };
    }

    private static JsonObject Resource(ResourceType type)
    {
        var document = new JsonObject
        {
            ["name"] = type.Plural,
            ["singularName"] = type.Singular,
            ["namespaced"] = type.Namespaced,
            ["kind"] = type.Kind,
            ["verbs"] = Texts(Verbs(type)),
        };
        if (type.ShortNames.Count > 0)
            document["shortNames"] = Texts(type.ShortNames);
        if (type.Categories.Count > 0)
            document["categories"] = Texts(type.Categories);
        if (type.AnswersCreation is null)
            document["storageVersionHash"] = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes($"{type.Group}/{type.Version}/{type.Kind}")).AsSpan(0, 8));
        return document;
    }

    private static JsonObject Subresource(ResourceType type, SubresourceType sub)
    {
        var document = new JsonObject
        {
            ["name"] = $"{type.Plural}/{sub.Name}",
            ["singularName"] = "",
            ["namespaced"] = type.Namespaced,
            ["kind"] = sub.Kind,
            ["verbs"] = Texts(sub.Verbs),
        };
        if (sub.Group.Length == 0)
            return document;
        document["group"] = sub.Group;
        document["version"] = sub.Version;
        return document;
    }

    public static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(text => (JsonNode)text)]);
}
