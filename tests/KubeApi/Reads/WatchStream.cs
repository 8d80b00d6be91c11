using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json.Nodes;
using KubeApi.Errors;
using KubeApi.Json;
using KubeApi.Storage;

namespace KubeApi.Reads;

/// <summary>One watch: the state at its start where that was asked for, then changes until its time is up.</summary>
internal sealed class WatchStream
{
    private static readonly TimeSpan BookmarkLead = TimeSpan.FromSeconds(2);
    private readonly RequestContext _context;
    private readonly ListOptions _options;
    private readonly long _asked;
    private readonly DateTimeOffset _start;
    private readonly DateTimeOffset _end;
    private readonly IReadOnlyList<StoredObject> _initial;
    private long _at;
    private long _bookmarked;

    public WatchStream(RequestContext context, ListOptions options)
    {
        _context = context;
        _options = options;
        _asked = ListOptions.ParseVersion(options.ResourceVersionText);
        _start = context.Server.Time.GetUtcNow();
        _end = _start + (options.TimeoutSeconds > 0 ? TimeSpan.FromSeconds(options.TimeoutSeconds) : TimeSpan.FromHours(1));
        var (objects, now) = context.Server.Store.List(context.Type.StoredIn);
        var state = options.SendInitialEvents ?? _asked == 0;
        _initial = state ? [.. objects.Values.Where(options.Selects)] : [];
        _at = state || _asked == 0 ? now : _asked;
        _bookmarked = _at;
    }

    public async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync([EnumeratorCancellation] CancellationToken cancellation = default)
    {
        foreach (var item in _initial)
            yield return Event("ADDED", item);
        if (_options is { SendInitialEvents: true, Bookmarks: true })
            yield return Bookmark(true);
        var bookmarkAt = _end - BookmarkLead;
        while (true)
        {
            var (changes, next, now, expired) = Poll();
            if (expired is not null)
            {
                yield return Line("ERROR", DocumentWriter.Write(Refusals.Expired(expired.Message).Status()));
                yield break;
            }

            foreach (var change in changes)
            {
                if (Translate(change) is { } line)
                    yield return line;
            }

            _at = Math.Max(_at, now);
            var time = _context.Server.Time.GetUtcNow();
            if (_options.Bookmarks && time >= bookmarkAt)
            {
                bookmarkAt = DateTimeOffset.MaxValue;
                if (_at > _bookmarked)
                    yield return Bookmark(false);
            }

            if (time >= _end)
                yield break;
            await WaitAsync(next, (_options.Bookmarks && bookmarkAt < _end ? bookmarkAt : _end) - time, cancellation);
        }
    }

    private (IReadOnlyList<Change> Changes, Task Next, long Now, CompactedException? Expired) Poll()
    {
        try
        {
            var (changes, next, now) = _context.Server.Store.Changes(_context.Type.StoredIn, _at);
            return (changes, next, now, null);
        }
        catch (CompactedException expired)
        {
            return ([], Task.CompletedTask, _at, expired);
        }
    }

    private async Task WaitAsync(Task next, TimeSpan atMost, CancellationToken cancellation)
    {
        using var timer = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var late = Task.Delay(atMost, _context.Server.Time, timer.Token);
        await Task.WhenAny(next, late);
        await timer.CancelAsync();
        cancellation.ThrowIfCancellationRequested();
    }

    // An object that begins or ceases to match the selector appears as added or deleted.
    private ReadOnlyMemory<byte>? Translate(Change change)
    {
        var matched = change.Before is not null && _options.Selects(change.Before);
        var matches = change.Kind != ChangeKind.Deleted && _options.Selects(change.After);
        return (matched, matches) switch
        {
            (true, true) => Event("MODIFIED", change.After),
            (false, true) => Event("ADDED", change.After),
            (true, false) => Event("DELETED", change.Kind == ChangeKind.Deleted ? change.After : change.Before!.At(change.ResourceVersion)),
            _ => null,
        };
    }

    private ReadOnlyMemory<byte> Event(string type, StoredObject item) => Line(type, Presentation.Event(_context, item));

    private ReadOnlyMemory<byte> Bookmark(bool endOfInitialEvents)
    {
        _bookmarked = _at;
        var metadata = new JsonObject { ["resourceVersion"] = _at.ToString(System.Globalization.CultureInfo.InvariantCulture) };
        if (endOfInitialEvents)
            metadata["annotations"] = new JsonObject { ["k8s.io/initial-events-end"] = "true" };
        return Line("BOOKMARK", DocumentWriter.Write(new JsonObject
        {
            ["kind"] = _context.Type.Kind,
            ["apiVersion"] = _context.Type.ApiVersion,
            ["metadata"] = metadata,
        }));
    }

    /// <summary>One event as it goes over the wire.</summary>
    public static byte[] Line(string type, ReadOnlyMemory<byte> item) =>
        [.. Encoding.UTF8.GetBytes($"{{\"type\":\"{type}\",\"object\":"), .. item.Span, .. "}\n"u8];
}
