using System.Text.Json.Nodes;

namespace KubeApi.Storage;

/// <summary>The values that field selectors of any resource may ask for, read once when an object is stored.</summary>
internal static class SelectableFields
{
    private static readonly string[] Paths =
    [
        "spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName", "spec.unschedulable", "status.phase",
        "status.podIP", "status.nominatedNodeName", "status.successful", "type", "reason", "source", "reportingController",
        "involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid", "involvedObject.apiVersion",
        "involvedObject.resourceVersion", "involvedObject.fieldPath",
    ];

    public static Dictionary<string, string> Read(JsonObject document)
    {
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var path in Paths)
        {
            JsonNode? node = document;
            foreach (var part in path.Split('.'))
                node = (node as JsonObject)?[part];
            if (node is JsonValue value)
                fields[path] = value.ToString();
        }

        return fields;
    }
}
