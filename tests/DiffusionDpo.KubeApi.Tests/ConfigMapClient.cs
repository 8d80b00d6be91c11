using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using KubeApi;

namespace DiffusionDpo.KubeApi.Tests;

/// <summary>The few requests that tests of the server itself make, on ConfigMaps of the default namespace.</summary>
internal sealed class ConfigMapClient(ApiServer server) : IDisposable
{
    private const string Path = "/api/v1/namespaces/default/configmaps";
    private readonly HttpClient _client = new(server.CreateHandler()) { BaseAddress = new Uri("http://kube.test/"), Timeout = Timeout.InfiniteTimeSpan };

    public Task<HttpResponseMessage> CreateAsync(string name, string value = "v") => SendAsync(HttpMethod.Post, Path, Body(name, value));

    public Task<HttpResponseMessage> SetAsync(string name, string value) =>
        SendAsync(HttpMethod.Patch, $"{Path}/{name}", new JsonObject { ["data"] = new JsonObject { ["k"] = value } }, "application/merge-patch+json");

    public Task<HttpResponseMessage> DeleteAsync(string name) => SendAsync(HttpMethod.Delete, $"{Path}/{name}", null);

    public Task<HttpResponseMessage> GetAsync(string name, CancellationTokenSource patience) => _client.GetAsync($"{Path}/{name}", patience.Token);

    public async Task<(string Version, Dictionary<string, string> Values)> ListAsync()
    {
        var list = JsonNode.Parse(await _client.GetStringAsync(Path))!;
        return (list["metadata"]!["resourceVersion"]!.GetValue<string>(),
            list["items"]!.AsArray().ToDictionary(item => item!["metadata"]!["name"]!.GetValue<string>(), item => item!["data"]?["k"]?.GetValue<string>() ?? ""));
    }

    /// <summary>Opens a watch and hands out its events one by one.</summary>
    public async Task<WatchReading> WatchAsync(string query)
    {
        var response = await _client.GetAsync($"{Path}?watch=true&{query}", HttpCompletionOption.ResponseHeadersRead);
        Xunit.Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return new WatchReading(response, await response.Content.ReadAsStreamAsync());
    }

    public void Dispose() => _client.Dispose();

    private Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, JsonObject? body, string type = "application/json")
    {
        var request = new HttpRequestMessage(method, path);
        if (body is not null)
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, type);
        return _client.SendAsync(request);
    }

    private static JsonObject Body(string name, string value) => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "ConfigMap",
        ["metadata"] = new JsonObject { ["name"] = name },
        ["data"] = new JsonObject { ["k"] = value },
    };
}
