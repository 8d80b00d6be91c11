using System.Text;
using System.Text.Json.Nodes;
using KubeApi.Http;
using KubeApi.Json;
using KubeApi.Resources;
using KubeApi.Storage;

namespace KubeApi.Cluster;

/// <summary>How controllers use the API: the same requests a real control plane sends, without HTTP. Reads come straight from the store.</summary>
internal sealed class ClusterClient(ApiServer server, string userAgent)
{
    public ApiServer Server { get; } = server;

    public StoredObject? Stored(ObjectId id) => Server.Store.Get(id.Collection, id.Key);

    public JsonObject? Get(ObjectId id) => Stored(id)?.Document();

    public bool Exists(string collection, string space, string name) => Stored(new ObjectId(collection, new ObjectKey(space, name))) is not null;

    public Task<JsonObject> CreateAsync(string collection, string space, JsonObject document) =>
        SendAsync("POST", PathOf(collection, space, "", ""), document);

    public Task<JsonObject> PostAsync(ObjectId id, string subresource, JsonObject document) =>
        SendAsync("POST", PathOf(id.Collection, id.Key.Namespace, id.Key.Name, subresource), document);

    public Task<JsonObject> UpdateAsync(ObjectId id, JsonObject document, string subresource = "") =>
        SendAsync("PUT", PathOf(id.Collection, id.Key.Namespace, id.Key.Name, subresource), document);

    public Task<JsonObject> UpdateStatusAsync(ObjectId id, JsonObject document) => UpdateAsync(id, document, "status");

    /// <summary>Merge patch. The version makes it a compare-and-swap.</summary>
    public Task<JsonObject> PatchMetadataAsync(ObjectId id, JsonObject metadata, string uid)
    {
        metadata["uid"] = uid;
        return SendAsync("PATCH", PathOf(id.Collection, id.Key.Namespace, id.Key.Name, ""), new JsonObject { ["metadata"] = metadata }, "application/merge-patch+json");
    }

    public async Task RemoveFinalizerAsync(ObjectId id, string finalizer)
    {
        if (Get(id) is not { } document || document.Metadata().Array("finalizers") is not { } finalizers)
            return;
        var rest = finalizers.Select(item => item!.ToString()).Where(item => item != finalizer).ToList();
        if (rest.Count == finalizers.Count)
            return;
        JsonArray? left = rest.Count == 0 ? null : [.. rest.Select(item => (JsonNode)item)];
        await PatchMetadataAsync(
            id,
            new JsonObject { ["finalizers"] = left, ["resourceVersion"] = document.Metadata().Text("resourceVersion") },
            document.Metadata().Text("uid")!);
    }

    public Task DeleteAsync(ObjectId id, string uid, string propagation = "Background", long? grace = null)
    {
        var options = new JsonObject
        {
            ["kind"] = "DeleteOptions",
            ["apiVersion"] = "v1",
            ["propagationPolicy"] = propagation,
            ["preconditions"] = new JsonObject { ["uid"] = uid },
        };
        if (grace is { } seconds)
            options["gracePeriodSeconds"] = seconds;
        return SendAsync("DELETE", PathOf(id.Collection, id.Key.Namespace, id.Key.Name, ""), options);
    }

    private async Task<JsonObject> SendAsync(string method, string path, JsonObject body, string contentType = "application/json")
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
        {
            ["Content-Type"] = contentType,
            ["Accept"] = "application/json",
            ["User-Agent"] = userAgent,
        };
        if (Server.Options.AdminToken is { } token)
            headers["Authorization"] = $"Bearer {token}";
        var answer = await Server.HandleUndisturbedAsync(new ApiRequest { Method = method, Path = path, Headers = headers, Body = DocumentWriter.Write(body) });
        return answer.Status < 300
            ? DocumentReader.Read(answer.Body.Span)
            : throw new RefusedException(answer.Status, $"{method} {path}: {answer.Status} {Encoding.UTF8.GetString(answer.Body.Span)}");
    }

    private string PathOf(string collection, string space, string name, string subresource)
    {
        var type = TypeOf(collection);
        var path = new StringBuilder(type.Group.Length == 0 ? $"/api/{type.Version}" : $"/apis/{type.Group}/{type.Version}");
        if (type.Namespaced)
            path.Append("/namespaces/").Append(space);
        path.Append('/').Append(type.Plural);
        if (name.Length > 0)
            path.Append('/').Append(name);
        if (subresource.Length > 0)
            path.Append('/').Append(subresource);
        return path.ToString();
    }

    private ResourceType TypeOf(string collection) => Server.Resources.All.FirstOrDefault(type => type.StoredIn == collection)
        ?? throw new RefusedException(404, $"{collection} is not served");
}
