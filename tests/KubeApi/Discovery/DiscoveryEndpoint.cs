using KubeApi.Http;

namespace KubeApi.Discovery;

/// <summary>Paths that are no resources: health, version, and the documents by which clients find out what is served.</summary>
internal static class DiscoveryEndpoint
{
    public static ApiResponse Answer(ApiServer server, ApiRequest request) => request.Path.TrimEnd('/') switch
    {
        "/healthz" or "/livez" or "/readyz" => ApiResponse.Text(200, "ok"),
        _ => ApiResponse.Text(404, "404 page not found\n"),
    };
}
