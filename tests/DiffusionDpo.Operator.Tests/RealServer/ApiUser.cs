using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using KubeApi.Json;

namespace DiffusionDpo.Operator.Tests.RealServer;

/// <summary>Requests to an API server as anybody could send them, without a client library.</summary>
internal sealed class ApiUser(HttpClient http, string token)
{
    /// <summary>An object or a list; null where there is none.</summary>
    public async Task<JsonObject?> FindAsync(string path) => await SendAsync(HttpMethod.Get, path, null) is { Status: not HttpStatusCode.NotFound } answer ? Body(answer) : null;

    /// <summary>The objects of a list.</summary>
    public async Task<IReadOnlyList<JsonObject>> ListAsync(string path) => [.. (await FindAsync(path)).Array("items")!.OfType<JsonObject>()];

    public async Task<JsonObject> CreateAsync(string path, JsonObject document) => Body(await SendAsync(HttpMethod.Post, path, document.ToJsonString()));

    /// <summary>Server-side apply, as kubectl does it.</summary>
    public async Task ApplyAsync(string path, string yaml) => Body(await SendAsync(HttpMethod.Patch, $"{path}?fieldManager=kubectl&force=true", yaml, "application/apply-patch+yaml"));

    public async Task<JsonObject> ReplaceAsync(string path, JsonObject document) => Body(await SendAsync(HttpMethod.Put, path, document.ToJsonString()));

    public async Task MergeAsync(string path, JsonObject patch) => Body(await SendAsync(HttpMethod.Patch, path, patch.ToJsonString(), "application/merge-patch+json"));

    public async Task DeleteAsync(string path, int? gracePeriodSeconds = null) =>
        Body(await SendAsync(HttpMethod.Delete, path, gracePeriodSeconds is { } seconds ? new JsonObject { ["gracePeriodSeconds"] = seconds }.ToJsonString() : null));

    private async Task<(HttpStatusCode Status, string Text)> SendAsync(HttpMethod method, string path, string? body, string contentType = "application/json")
    {
        using HttpRequestMessage request = new(method, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (body is not null) request.Content = new StringContent(body, Encoding.UTF8, contentType);
        using var answer = await http.SendAsync(request);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    private static JsonObject Body((HttpStatusCode Status, string Text) answer) => (int)answer.Status < 300
        ? JsonNode.Parse(answer.Text)!.AsObject()
        : throw new HttpRequestException(answer.Text, null, answer.Status);
}
