using System.Text.Json.Nodes;
using KubeApi.Resources;

namespace KubeApi.Discovery;

/// <summary>All groups and resources in one document: what newer clients ask for first.</summary>
internal static class AggregatedDiscovery
{
    public const string ContentType = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

    public static JsonObject Document(ResourceRegistry resources, bool core)
    {
        var groups = core ? [""] : DiscoveryDocuments.GroupNames(resources);
        return new JsonObject
        {
            ["kind"] = "APIGroupDiscoveryList",
            ["apiVersion"] = "apidiscovery.k8s.io/v2",
            ["metadata"] = new JsonObject(),
            ["items"] = new JsonArray([.. groups.Select(group => (JsonNode)Group(resources, group))]),
        };
    }

    private static JsonObject Group(ResourceRegistry resources, string group)
    {
        var versions = resources.All.Where(type => type.Group == group).GroupBy(type => type.Version).Select(version => (JsonNode)new JsonObject
        {
            ["version"] = version.Key,
            ["resources"] = new JsonArray([.. version.Select(type => (JsonNode)Resource(type))]),
            ["freshness"] = "Current",
        });
        var metadata = new JsonObject();
        if (group.Length > 0)
            metadata["name"] = group;
        return new JsonObject { ["metadata"] = metadata, ["versions"] = new JsonArray([.. versions]) };
    }

    private static JsonObject Resource(ResourceType type)
    {
        var document = new JsonObject
        {
            ["resource"] = type.Plural,
            ["responseKind"] = ResponseKind(type, type.Kind),
            ["scope"] = type.Namespaced ? "Namespaced" : "Cluster",
            ["singularResource"] = type.Singular,
            ["verbs"] = DiscoveryDocuments.Texts(DiscoveryDocuments.Verbs(type)),
        };
        if (type.ShortNames.Count > 0)
            document["shortNames"] = DiscoveryDocuments.Texts(type.ShortNames);
        if (type.Categories.Count > 0)
            document["categories"] = DiscoveryDocuments.Texts(type.Categories);
        if (type.Subresources.Count > 0)
        {
            document["subresources"] = new JsonArray([.. type.Subresources.Select(sub => (JsonNode)new JsonObject
            {
                ["subresource"] = sub.Name,
                ["responseKind"] = ResponseKind(type, sub.Kind),
                ["verbs"] = DiscoveryDocuments.Texts(sub.Verbs),
            })]);
        }

        return document;
    }

    // Builtin resources leave group and version to the document around them.
    private static JsonObject ResponseKind(ResourceType type, string kind) => new()
    {
        ["group"] = type.IsCustom ? type.Group : "",
        ["version"] = type.IsCustom ? type.Version : "",
        ["kind"] = kind,
    };
}
