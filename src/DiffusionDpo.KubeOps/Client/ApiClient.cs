using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using DiffusionDpo.KubeOps.Caching;
using k8s;
using k8s.Models;

namespace DiffusionDpo.KubeOps.Client;

/// <summary>The API client of controllers.</summary>
/// <param name="connection">The way to the API server.</param>
/// <param name="written">Where answers to writes go, so that caches are never behind them.</param>
/// <param name="fence">Ends writes when this process may not write any more.</param>
/// <param name="fieldManager">Who owns the fields that are applied.</param>
/// <param name="timeout">How long a request may take.</param>
/// <param name="time">The clock.</param>
internal sealed class ApiClient(
    ApiConnection connection, IWrittenObjects written, Func<CancellationToken> fence, string fieldManager, TimeSpan timeout, TimeProvider time) : IApiClient
{
    private const string Json = "application/json";
    private const string Apply = "application/apply-patch+yaml";

    /// <inheritdoc/>
    public async Task<T?> GetAsync<T>(ObjectKey key, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        try
        {
            return await SendAsync<T>(HttpMethod.Get, ResourcePath.Of<T>().Item(key), null, cancellationToken).ConfigureAwait(false);
        }
        catch (ApiException e) when (e.Status is System.Net.HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public Task<T> CreateAsync<T>(T item, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        WriteAsync<T>(HttpMethod.Post, ResourcePath.Of<T>().Collection(item.Metadata.NamespaceProperty) + Manager, Body(Document(item), Json), cancellationToken);

    /// <inheritdoc/>
    public Task<T> ReplaceAsync<T>(T item, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        WriteAsync<T>(HttpMethod.Put, ResourcePath.Of<T>().Item(ObjectKey.Of(item)) + Manager, Body(Document(item), Json), cancellationToken);

    /// <inheritdoc/>
    public Task<T> ApplyAsync<T>(T item, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        WriteAsync<T>(HttpMethod.Patch, $"{ResourcePath.Of<T>().Item(ObjectKey.Of(item))}{Manager}&force=true", Body(Document(item), Apply), cancellationToken);

    /// <inheritdoc/>
    public Task<T> ApplyStatusAsync<T>(T entity, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var whole = Document(entity);
        var document = new JsonObject
        {
            ["apiVersion"] = whole["apiVersion"]!.DeepClone(),
            ["kind"] = whole["kind"]!.DeepClone(),
            ["metadata"] = new JsonObject
            {
                ["name"] = entity.Metadata.Name,
                ["namespace"] = entity.Metadata.NamespaceProperty,
                ["resourceVersion"] = entity.Metadata.ResourceVersion,
            },
            ["status"] = whole["status"]?.DeepClone(),
        };
        var path = $"{ResourcePath.Of<T>().Item(ObjectKey.Of(entity))}/status{Manager}&force=true";
        return WriteAsync<T>(HttpMethod.Patch, path, Body(document, Apply), cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<bool> DeleteAsync<T>(ObjectKey key, Deletion how, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var options = new V1DeleteOptions
        {
            ApiVersion = "v1",
            Kind = "DeleteOptions",
            PropagationPolicy = how.Propagation,
            GracePeriodSeconds = how.GracePeriodSeconds,
            Preconditions = how.Uid is { } uid ? new V1Preconditions { Uid = uid } : null,
        };
        try
        {
            var body = Body(JsonNode.Parse(KubernetesJson.Serialize(options))!.AsObject(), Json);
            await WriteAsync<T>(HttpMethod.Delete, ResourcePath.Of<T>().Item(key), body, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (ApiException e) when (e.Status is System.Net.HttpStatusCode.NotFound || (e.IsConflict && how.Uid is not null))
        {
            // A conflict is about the precondition: what has this name now is another object.
            return false;
        }
    }

    /// <summary>Sets an object's finalizers, if it is still the version that is given.</summary>
    public Task<T> SetFinalizersAsync<T>(T item, IEnumerable<string> finalizers, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var patch = new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["resourceVersion"] = item.Metadata.ResourceVersion,
                ["finalizers"] = new JsonArray([.. finalizers.Select(finalizer => (JsonNode)finalizer)]),
            },
        };
        return WriteAsync<T>(HttpMethod.Patch, ResourcePath.Of<T>().Item(ObjectKey.Of(item)) + Manager, Body(patch, "application/merge-patch+json"), cancellationToken);
    }

    private string Manager => $"?fieldManager={fieldManager}";

    private async Task<T> WriteAsync<T>(HttpMethod method, string path, HttpContent body, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        using var fenced = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, fence());
        var item = await SendAsync<T>(method, path, body, fenced.Token).ConfigureAwait(false);
        // A deletion that is complete answers with a Status, which has no version.
        if (item.Metadata?.ResourceVersion is not null && item.Metadata.Uid is not null) written.Observe(item);
        return item;
    }

    private async Task<T> SendAsync<T>(HttpMethod method, string path, HttpContent? body, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        try
        {
            using var answer = await connection.SendAsync(method, path, body, either.Token).ConfigureAwait(false);
            if (!answer.IsSuccessStatusCode) throw await StatusDocument.ReadAsync(answer, either.Token).ConfigureAwait(false);
            await using var content = await answer.Content.ReadAsStreamAsync(either.Token).ConfigureAwait(false);
            var whole = new MemoryStream();
            await content.CopyToAsync(whole, either.Token).ConfigureAwait(false);
            whole.Position = 0;
            return KubernetesJson.Deserialize<T>(whole);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new ApiException(null, "Timeout", $"no answer within {timeout.TotalSeconds:0} s to {method} {path}");
        }
        catch (Exception e) when (e is IOException or HttpRequestException or System.Text.Json.JsonException)
        {
            throw new ApiException(null, "BrokenAnswer", $"the answer to {method} {path} broke off or makes no sense: {e.Message}", e);
        }
    }

    private static JsonObject Document<T>(T item)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var path = ResourcePath.Of<T>();
        var document = JsonNode.Parse(KubernetesJson.Serialize(item))!.AsObject();
        (document["apiVersion"], document["kind"]) = (path.ApiVersion, path.Kind);
        return document;
    }

    private static ByteArrayContent Body(JsonObject document, string type) =>
        new(Encoding.UTF8.GetBytes(document.ToJsonString())) { Headers = { ContentType = new MediaTypeHeaderValue(type) } };
}
