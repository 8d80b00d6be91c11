using System.Text.Json.Nodes;
using KubeApi.Http;

namespace KubeApi.Discovery;

/// <summary>Paths that are no resources: health, version, and the documents by which clients find out what is served.</summary>
internal static class DiscoveryEndpoint
{
    public static ApiResponse Answer(ApiServer server, ApiRequest request)
    {
        if (request.Path.StartsWith("//", StringComparison.Ordinal))
            return NotFound();
        return request.Path.Split('/', StringSplitOptions.RemoveEmptyEntries) switch
        {
            ["healthz" or "livez" or "readyz", ..] => ApiResponse.Text(200, "ok"),
            ["version"] => ApiResponse.Json(200, Version()),
            ["api" or "apis"] when IsAggregated(request) => Aggregated(server, request),
            ["api"] => ApiResponse.Json(200, DiscoveryDocuments.Versions()),
            ["apis"] => ApiResponse.Json(200, DiscoveryDocuments.Groups(server.Resources)),
            ["api", var version] => Found(DiscoveryDocuments.Resources(server.Resources, "", version)),
            ["apis", var group] => Found(DiscoveryDocuments.Group(server.Resources, group, true)),
            ["apis", var group, var version] => Found(DiscoveryDocuments.Resources(server.Resources, group, version)),
            _ => NotFound(),
        };
    }

    private static bool IsAggregated(ApiRequest request) => request.Header("Accept").Contains("as=APIGroupDiscoveryList", StringComparison.Ordinal);

    private static ApiResponse Aggregated(ApiServer server, ApiRequest request) => new()
    {
        ContentType = AggregatedDiscovery.ContentType,
        Body = Json.DocumentWriter.Write(AggregatedDiscovery.Document(server.Resources, request.Path.Trim('/') == "api")),
    };

    private static ApiResponse Found(JsonObject? document) => document is null ? NotFound() : ApiResponse.Json(200, document);

    private static ApiResponse NotFound() => ApiResponse.Text(404, "404 page not found\n");

    private static JsonObject Version() => new()
    {
        ["major"] = "1",
        ["minor"] = "36",
        ["gitVersion"] = "v1.36.2",
        ["gitCommit"] = "",
        ["gitTreeState"] = "clean",
        ["buildDate"] = "2026-01-01T00:00:00Z",
        ["goVersion"] = "",
        ["compiler"] = "gc",
        ["platform"] = "linux/amd64",
    };
}
