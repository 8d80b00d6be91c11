using System.Net;
using System.Text.Json;
using DiffusionDpo.KubeOps.Client;
using k8s;
using k8s.Models;
using Microsoft.Extensions.Logging;

namespace DiffusionDpo.KubeOps.Caching;

/// <summary>
/// Keeps a store in step with the API server: a complete list, then the changes from its version on. Whatever goes wrong with the changes
/// leads to another watch from the last known version, or, where that is too old, to another list; the difference between two lists makes
/// up for every change that was missed.
/// </summary>
internal sealed class Reflector<TObject, TView>(
    ApiConnection connection,
    ObjectStore<TView> store,
    Func<TObject, TView> view,
    string? ns,
    string? labelSelector,
    ReflectorOptions options,
    ReflectorMetrics metrics,
    TimeProvider time,
    ILogger log) : IReflector
    where TObject : class, IKubernetesObject<V1ObjectMeta>
    where TView : class
{
    private readonly TaskCompletionSource _synced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ResourcePath _path = ResourcePath.Of<TObject>();
    private string? _version;
    private bool _toldOfUnreadable;

    /// <inheritdoc/>
    public string Kind => _path.Plural;

    /// <inheritdoc/>
    public Task Synced => _synced.Task;

    /// <inheritdoc/>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var failures = 0;
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                if (await FollowAsync(cancellationToken).ConfigureAwait(false) is not { } failure) failures = 0;
                else await WaitAsync(++failures, failure.RetryAfter, cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
        }
    }

    /// <inheritdoc/>
    public void Observe(IKubernetesObject<V1ObjectMeta> item)
    {
        if (item is TObject ours && IsSelected(ours)) store.Observe(ObjectKey.Of(ours), view(ours), ResourceVersion.Parse(ours.Metadata.ResourceVersion));
    }

    /// <summary>Lists where that is needed, then watches until the watch ends.</summary>
    /// <returns>What went wrong; null where the watch brought something.</returns>
    private async Task<ApiException?> FollowAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (_version is null) await ListAsync(cancellationToken).ConfigureAwait(false);
            return await WatchAsync(cancellationToken).ConfigureAwait(false) ? null : new ApiException(null, "Silent", "the watch brought nothing");
        }
        catch (ApiException e)
        {
            if (IsTooOld(e)) _version = null;
            log.LogWarning("{Kind}: {Problem}", Kind, e.Message);
            return e;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            // A defect, here or in who listens to the store. What it left half done, a list puts right.
            _version = null;
            log.LogError(e, "{Kind}: the watch begins anew", Kind);
            return new ApiException(null, "Defect", e.Message, e);
        }
    }

    // The version is gone from the server's history (410), or the server has not come to it (504 after a restore from a backup).
    private static bool IsTooOld(ApiException e) => e.Status is HttpStatusCode.Gone or HttpStatusCode.GatewayTimeout || e.Reason is "Expired" or "Gone";

    private async Task ListAsync(CancellationToken cancellationToken)
    {
        metrics.Listed(Kind);
        List<(ObjectKey, TView?, ulong)> items = [];
        string? next = null, version;
        do
        {
            (version, next) = await ListPageAsync(items, next, cancellationToken).ConfigureAwait(false);
        }
        while (next is not null);
        store.Replace(items, ResourceVersion.Parse(version));
        _version = version;
        if (_synced.TrySetResult()) log.LogInformation("{Kind}: {Count} objects", Kind, items.Count);
    }

    private async Task<(string Version, string? Next)> ListPageAsync(List<(ObjectKey, TView?, ulong)> items, string? next, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(options.ListTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        try
        {
            var query = $"?limit={options.PageSize}{Selector}{(next is null ? "" : $"&continue={Uri.EscapeDataString(next)}")}";
            using var answer = await connection.SendAsync(HttpMethod.Get, _path.Collection(ns) + query, null, either.Token).ConfigureAwait(false);
            if (!answer.IsSuccessStatusCode) throw await StatusDocument.ReadAsync(answer, either.Token).ConfigureAwait(false);
            await using var body = await answer.Content.ReadAsStreamAsync(either.Token).ConfigureAwait(false);
            using var page = await JsonDocument.ParseAsync(body, cancellationToken: either.Token).ConfigureAwait(false);
            if (page.RootElement.TryGetProperty("items", out var found) && found.ValueKind is JsonValueKind.Array)
            {
                foreach (var element in found.EnumerateArray())
                {
                    if (Read(element) is { } item) items.Add(item);
                    else if (KeyOf(element) is { } key) items.Add((key, null, 0));
                }
            }

            var metadata = page.RootElement.GetProperty("metadata");
            var more = metadata.TryGetProperty("continue", out var token) ? token.GetString() : null;
            return (metadata.GetProperty("resourceVersion").GetString() ?? "", string.IsNullOrEmpty(more) ? null : more);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ApiException(null, "Timeout", $"a list took longer than {options.ListTimeout.TotalSeconds:0} s");
        }
        catch (Exception e) when (e is IOException or HttpRequestException or JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new ApiException(null, "BrokenAnswer", $"a list broke off or makes no sense: {e.Message}", e);
        }
    }

    /// <summary>Follows the changes until the stream ends.</summary>
    /// <returns>Whether it brought anything, or stood long enough to show that there was nothing to bring.</returns>
    private async Task<bool> WatchAsync(CancellationToken cancellationToken)
    {
        metrics.WatchStarted(Kind);
        var query = $"?watch=true&allowWatchBookmarks=true&resourceVersion={_version}&timeoutSeconds={(int)options.WatchDuration.TotalSeconds}{Selector}";
        using var idle = new CancellationTokenSource(options.IdleLimit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, idle.Token);
        var (came, start) = (false, time.GetTimestamp());
        try
        {
            using var answer = await connection.SendAsync(HttpMethod.Get, _path.Collection(ns) + query, null, either.Token).ConfigureAwait(false);
            if (!answer.IsSuccessStatusCode) throw await StatusDocument.ReadAsync(answer, either.Token).ConfigureAwait(false);
            await using var body = await answer.Content.ReadAsStreamAsync(either.Token).ConfigureAwait(false);
            var lines = new LineReader(body);
            while (await lines.ReadAsync(either.Token).ConfigureAwait(false) is { } line)
            {
                idle.CancelAfter(options.IdleLimit);
                Take(line);
                came = true;
            }

            return came || time.GetElapsedTime(start) >= options.LongestWait;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            log.LogInformation("{Kind}: the watch has been silent for {Seconds} s; another one", Kind, (int)options.IdleLimit.TotalSeconds);
            // A server whose store was restored from a backup has not come to our version, and says nothing until it has.
            if (!came) _version = null;
            return came;
        }
        catch (Exception e) when (e is IOException or HttpRequestException or JsonException or InvalidDataException or KeyNotFoundException or InvalidOperationException)
        {
            throw new ApiException(null, "BrokenWatch", $"the watch broke off: {e.Message}", e);
        }
    }

    private void Take(ReadOnlyMemory<byte> line)
    {
        using var change = JsonDocument.Parse(line);
        var type = change.RootElement.GetProperty("type").GetString();
        var element = change.RootElement.GetProperty("object");
        metrics.Changed(Kind, time);
        if (type is "ERROR") throw Refusal(element);
        var version = element.GetProperty("metadata").GetProperty("resourceVersion").GetString();
        var number = ResourceVersion.Parse(version);
        if (type is "BOOKMARK")
        {
            store.Pass(number);
        }
        else if (type is "DELETED")
        {
            // What is gone need not be readable.
            if (KeyOf(element) is { } key) store.Advance(key, null, number);
        }
        else if (Read(element) is { } item)
        {
            store.Advance(item.Key, item.View, number);
        }

        _version = version;
    }

    private static ApiException Refusal(JsonElement element)
    {
        var status = element.Deserialize<V1Status>(JsonSerializerOptions.Web);
        return StatusDocument.Of((HttpStatusCode)(status?.Code ?? 500), status);
    }

    /// <summary>The view of an object; null where there is none to be had. One such must not keep the others from being seen.</summary>
    private (ObjectKey Key, TView? View, ulong Version)? Read(JsonElement element)
    {
        try
        {
            var item = KubernetesJson.Deserialize<TObject>(element);
            return item.Metadata?.Name is null ? null : (ObjectKey.Of(item), view(item), ResourceVersion.Parse(item.Metadata.ResourceVersion));
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            metrics.Unreadable(Kind);
            if (!_toldOfUnreadable) log.LogError("{Kind}: an object cannot be read and is passed over: {Problem}", Kind, e.Message);
            _toldOfUnreadable = true;
            return null;
        }
    }

    /// <summary>Which object it is, readable or not.</summary>
    private static ObjectKey? KeyOf(JsonElement element)
    {
        if (element.ValueKind is not JsonValueKind.Object || !element.TryGetProperty("metadata", out var metadata) || !metadata.TryGetProperty("name", out var name)) return null;
        return new ObjectKey(metadata.TryGetProperty("namespace", out var ns) ? ns.GetString() ?? "" : "", name.GetString() ?? "");
    }

    private string Selector => labelSelector is null ? "" : $"&labelSelector={Uri.EscapeDataString(labelSelector)}";

    /// <summary>Whether a written object is one that the watch would bring; selectors here are one key=value.</summary>
    private bool IsSelected(TObject item)
    {
        if (ns is not null && item.Metadata.NamespaceProperty != ns) return false;
        if (labelSelector?.Split('=', 2) is not [var key, var value]) return true;
        return item.Metadata.Labels?.TryGetValue(key, out var label) == true && label == value;
    }

    private Task WaitAsync(int failures, TimeSpan? asked, CancellationToken cancellationToken)
    {
        var doubled = options.FirstWait * Math.Pow(2, Math.Min(failures, 20) - 1);
        var wait = asked ?? (doubled < options.LongestWait ? doubled : options.LongestWait);
        return Task.Delay(wait * (1 + Jitter.Next(0.3)), time, cancellationToken);
    }
}
