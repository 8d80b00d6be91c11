using System.Net;
using System.Text.Json;
using DiffusionDpo.KubeOps.Client;
using DiffusionDpo.KubeOps.Health;
using DiffusionDpo.KubeOps.Texts;
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
    private const int MostSilences = 3;
    private const int MostCharacters = 1024;
    private const int MostToldOf = 1000;
    private readonly TaskCompletionSource _synced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ResourcePath _path = ResourcePath.Of<TObject>();
    private readonly LabelSelector _selector = new(labelSelector);
    private readonly LivenessBeacon _beacon = new(options.StuckLimit, time);
    private readonly HashSet<string> _toldOf = new(StringComparer.Ordinal);
    private string? _version;
    private int _failures;
    private int _silences;

    /// <inheritdoc/>
    public string Kind => _path.Plural;

    /// <inheritdoc/>
    public Task Synced => _synced.Task;

    /// <inheritdoc/>
    public bool IsMoving => _beacon.IsAlive;

    /// <inheritdoc/>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            _beacon.Beat();
            try
            {
                if (_version is null) await ListAsync(cancellationToken).ConfigureAwait(false);
                await WatchAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // Whatever it is: without this loop the operator is blind and does not know it.
                if (MeansNewList(e)) _version = null;
                _failures++;
                log.LogWarning("{Kind}: {Problem}", Kind, ForeignText.OneLine(e.Message, MostCharacters));
                log.LogDebug(e, "{Kind}", Kind);
                if (!await WaitAsync(_failures, (e as ApiException)?.RetryAfter, cancellationToken).ConfigureAwait(false)) return;
            }
        }
    }

    /// <inheritdoc/>
    public void Observe(IKubernetesObject<V1ObjectMeta> item)
    {
        if (item is not TObject ours || (!string.IsNullOrEmpty(ns) && ours.Metadata.NamespaceProperty != ns)) return;
        try
        {
            if (_selector.Selects(ours.Metadata.Labels)) store.Observe(See(ours));
            else store.ObserveGone(ObjectKey.Of(ours), ours.Metadata.Uid, ResourceVersion.Parse(ours.Metadata.ResourceVersion));
        }
        catch (Exception e)
        {
            // The write was done, whatever is thought of its answer.
            NoteUnreadable(ours.Metadata.Uid, e);
        }
    }

    /// <inheritdoc/>
    public void ObserveGone(Type kind, ObjectKey key, string uid)
    {
        if (kind == typeof(TObject)) store.ObserveGone(key, uid);
    }

    // The version is gone from the server's history (410), or the server has not come to it (504 after a restore from a backup), or does not
    // understand it, or the kind was away meanwhile: another watch from there would fare no better.
    private static bool MeansNewList(Exception e) => e is WatchOrderException
        || (e is ApiException { Status: HttpStatusCode.Gone or HttpStatusCode.GatewayTimeout or HttpStatusCode.BadRequest or HttpStatusCode.NotFound })
        || (e is ApiException { Reason: "Expired" or "Gone" });

    private Sight<TView> See(TObject item) =>
        new(ObjectKey.Of(item), item.Metadata.Uid ?? "", ResourceVersion.Parse(item.Metadata.ResourceVersion), view(item));

    private async Task ListAsync(CancellationToken cancellationToken)
    {
        metrics.Listed(Kind);
        var known = store.Known;
        List<Sight<TView>> items = [];
        HashSet<ObjectKey> unreadable = [];
        string? next = null, version;
        do
        {
            _beacon.Beat();
            (version, next) = await ListPageAsync(items, unreadable, next, cancellationToken).ConfigureAwait(false);
        }
        while (next is not null);
        store.Replace(items, ResourceVersion.Parse(version), known, unreadable);
        _version = version;
        _silences = 0;
        if (_synced.TrySetResult()) log.LogInformation("{Kind}: {Count} objects", Kind, items.Count);
    }

    private async Task<(string Version, string? Next)> ListPageAsync(
        List<Sight<TView>> items, HashSet<ObjectKey> unreadable, string? next, CancellationToken cancellationToken)
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
                    else unreadable.Add(ObjectHead.Of(element).Key);
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
    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        metrics.WatchStarted(Kind);
        var query = $"?watch=true&allowWatchBookmarks=true&resourceVersion={_version}&timeoutSeconds={(int)(options.WatchDuration.TotalSeconds * (1 + Jitter.Next(0.5)))}{Selector}";
        using var idle = new CancellationTokenSource(options.IdleLimit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, idle.Token);
        var came = false;
        try
        {
            using var answer = await connection.SendAsync(HttpMethod.Get, _path.Collection(ns) + query, null, either.Token).ConfigureAwait(false);
            if (!answer.IsSuccessStatusCode) throw await StatusDocument.ReadAsync(answer, either.Token).ConfigureAwait(false);
            await using var body = await answer.Content.ReadAsStreamAsync(either.Token).ConfigureAwait(false);
            var lines = new LineReader(body);
            while (await lines.ReadAsync(either.Token).ConfigureAwait(false) is { } line)
            {
                _beacon.Beat();
                idle.CancelAfter(options.IdleLimit);
                Take(line);
                came = true;
                // Only what is brought ends a row of failures: a stream that is always cut after a while has still done its work.
                _failures = _silences = 0;
            }

            if (!came) await WaitAsync(1, null, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            log.LogInformation("{Kind}: the watch has been silent for {Seconds} s; another one", Kind, (int)options.IdleLimit.TotalSeconds);
            // A server whose history was set back says nothing until it has come to our version again: only a list brings that to light.
            if (!came && ++_silences >= MostSilences) _version = null;
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
        var head = ObjectHead.Of(element);
        if (type is "DELETED") store.AdvanceGone(head.Key, head.Uid, head.Version);
        else if (type is "BOOKMARK" || Read(element) is not { } item) store.Pass(head.Version);
        else if (!store.Advance(item)) throw new WatchOrderException($"version {item.Version} of {item.Key} came late");
        // Not back to what came late: the next watch would bring all of it again.
        if (head.Version > ResourceVersion.Parse(_version)) _version = $"{head.Version}";
    }

    private static ApiException Refusal(JsonElement element)
    {
        var status = element.Deserialize<V1Status>(JsonSerializerOptions.Web);
        return StatusDocument.Of((HttpStatusCode)(status?.Code ?? 500), status);
    }

    /// <summary>An object; null for one that cannot be read. It must not keep the others from being seen.</summary>
    private Sight<TView>? Read(JsonElement element)
    {
        try
        {
            return See(KubernetesJson.Deserialize<TObject>(element));
        }
        catch (Exception e)
        {
            // The view is the operator's code: what it cannot digest is as good as unreadable.
            NoteUnreadable(ObjectHead.Of(element).Uid, e);
            return null;
        }
    }

    private void NoteUnreadable(string uid, Exception why)
    {
        metrics.Unreadable(Kind);
        if (_toldOf.Count == MostToldOf) _toldOf.Clear();
        if (_toldOf.Add(uid)) log.LogError("{Kind}: the object {Uid} cannot be read and is passed over: {Problem}", Kind, uid, ForeignText.OneLine(why.Message, MostCharacters));
    }

    private string Selector => labelSelector is null ? "" : $"&labelSelector={Uri.EscapeDataString(labelSelector)}";

    /// <summary>Waits; false where it was cancelled.</summary>
    private async Task<bool> WaitAsync(int failures, TimeSpan? asked, CancellationToken cancellationToken)
    {
        var doubled = options.FirstWait * Math.Pow(2, Math.Min(failures, 20) - 1);
        var wait = asked is { } that ? Least(that, options.LongestAskedWait) : Least(doubled, options.LongestWait);
        await Task.Delay(wait * (1 + Jitter.Next(0.3)), time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return !cancellationToken.IsCancellationRequested;
    }

    private static TimeSpan Least(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
