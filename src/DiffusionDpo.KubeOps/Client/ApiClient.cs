using System.Text;
using System.Text.Json.Nodes;
using DiffusionDpo.KubeOps.Caching;
using k8s;
using k8s.Models;

namespace DiffusionDpo.KubeOps.Client;

/// <summary>The API client of controllers.</summary>
/// <param name="connection">The way to the API server.</param>
/// <param name="written">Where answers to writes go, so that caches are never behind them.</param>
/// <param name="fence">Keeps writes back when this process may not write (any more).</param>
/// <param name="fieldManager">Who owns the fields that are applied.</param>
/// <param name="timeout">How long a request may take.</param>
/// <param name="time">The clock.</param>
internal sealed class ApiClient(
    ApiConnection connection, IWrittenObjects written, Func<WriteFence> fence, string fieldManager, TimeSpan timeout, TimeProvider time) : IApiClient
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
    public async Task<IReadOnlyList<T>> ListAsync<T>(string ns, string labelSelector, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var path = $"{ResourcePath.Of<T>().Collection(ns)}?labelSelector={Uri.EscapeDataString(labelSelector)}";
        var list = await SendAsync<JsonObject>(HttpMethod.Get, path, null, cancellationToken).ConfigureAwait(false);
        return [.. list["items"]?.AsArray().Select(item => KubernetesJson.Deserialize<T>(item)) ?? []];
    }

    /// <inheritdoc/>
    public Task<T> CreateAsync<T>(T item, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        WriteAsync<T>(HttpMethod.Post, ResourcePath.Of<T>().Collection(item.Metadata.NamespaceProperty) + Manager, Document(item), Json, cancellationToken);

    /// <inheritdoc/>
    public Task<T> ReplaceAsync<T>(T item, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        WriteAsync<T>(HttpMethod.Put, ResourcePath.Of<T>().Item(ObjectKey.Of(item)) + Manager, Document(item), Json, cancellationToken);

    /// <inheritdoc/>
    public Task<T> ApplyAsync<T>(T item, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        WriteAsync<T>(HttpMethod.Patch, $"{ResourcePath.Of<T>().Item(ObjectKey.Of(item))}{Manager}&force=true", Document(item), Apply, cancellationToken);

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
        return WriteAsync<T>(HttpMethod.Patch, path, document, Apply, cancellationToken);
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
            var body = JsonNode.Parse(KubernetesJson.Serialize(options))!.AsObject();
            var answer = await SendFencedAsync<JsonObject>(HttpMethod.Delete, ResourcePath.Of<T>().Item(key), body, Json, cancellationToken).ConfigureAwait(false);
            LearnOfDeletion<T>(key, answer);
            return true;
        }
        catch (ApiException e) when (e.Status is System.Net.HttpStatusCode.NotFound || (e.IsConflict && how.Uid is not null))
        {
            // A conflict is about the precondition: what has this name now is another object.
            if (how.Uid is not null) written.ObserveGone<T>(key, how.Uid);
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
        return WriteAsync<T>(HttpMethod.Patch, ResourcePath.Of<T>().Item(ObjectKey.Of(item)) + Manager, patch, "application/merge-patch+json", cancellationToken);
    }

    private string Manager => $"?fieldManager={fieldManager}";

    private async Task<T> WriteAsync<T>(HttpMethod method, string path, JsonObject body, string type, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var item = await SendFencedAsync<T>(method, path, body, type, cancellationToken).ConfigureAwait(false);
        Learn(item);
        return item;
    }

    private async Task<T> SendFencedAsync<T>(HttpMethod method, string path, JsonObject body, string type, CancellationToken cancellationToken)
    {
        // As it is now: what was begun in one term of leadership does not go on in another.
        var now = fence();
        using var content = new FencedContent(Encoding.UTF8.GetBytes(body.ToJsonString()), type, now);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, now.Closed);
        return await SendAsync<T>(method, path, content, either.Token).ConfigureAwait(false);
    }

    /// <summary>Tells the caches. What was being deleted and is held by nothing any more is shown by its last write once more, and gone.</summary>
    private void Learn<T>(T item)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        if (item.Metadata?.Uid is not { } uid || item.Metadata.ResourceVersion is null) return;
        var isHeld = item.Metadata.Finalizers is { Count: > 0 } || item.Metadata.DeletionGracePeriodSeconds is > 0;
        if (item.Metadata.DeletionTimestamp is not null && !isHeld) written.ObserveGone<T>(ObjectKey.Of(item), uid);
        else written.Observe(item);
    }

    /// <summary>A deletion answers with the object where it lingers, and with a Status that names its UID where it is over.</summary>
    private void LearnOfDeletion<T>(ObjectKey key, JsonObject answer)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        if ((string?)answer["kind"] != "Status") Learn(KubernetesJson.Deserialize<T>(answer));
        else if ((string?)answer["details"]?["uid"] is { } uid) written.ObserveGone<T>(key, uid);
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
}
