using System.Text.Json.Nodes;
using KubeApi.Json;
using KubeApi.Storage;

namespace KubeApi.Reads;

/// <summary>Objects with nothing but their metadata.</summary>
internal static class PartialMetadata
{
    public static JsonObject Of(StoredObject item) => Of(item.Document());

    public static JsonObject Of(JsonObject document) => new()
    {
        ["kind"] = "PartialObjectMetadata",
        ["apiVersion"] = "meta.k8s.io/v1",
        ["metadata"] = document.Metadata().DeepClone(),
    };

    public static JsonObject List(ListPage page, JsonObject metadata)
    {
        if (page.Continue.Length == 0)
            metadata.Remove("continue");
        return new JsonObject
        {
            ["kind"] = "PartialObjectMetadataList",
            ["apiVersion"] = "meta.k8s.io/v1",
            ["metadata"] = metadata,
            ["items"] = new JsonArray([.. page.Items.Select(item => (JsonNode)Of(item))]),
        };
    }
}
