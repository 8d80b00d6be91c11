using DiffusionDpo.KubeOps.Client;

namespace DiffusionDpo.KubeOps.Queueing;

/// <summary>
/// Keys to work on. A key is worked on by one worker at a time; what is added meanwhile is worked on once more after it; nothing is ever
/// dropped. Keys can wait for a time, and after failures they wait longer each time. Keys to which nothing has happened, or whose time
/// has come, wait behind those to which something has: there may be thousands of them, and events must not wait for that. One in four goes to them
/// all the same.
/// </summary>
internal sealed class WorkQueue<TKey> : IDisposable
    where TKey : notnull
{
    private static readonly TimeSpan s_firstBackoff = TimeSpan.FromMilliseconds(100);
    private const int BehindOneIn = 4;
    private static readonly TimeSpan s_longestBackoff = TimeSpan.FromMinutes(5);

    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly QueueMetrics _metrics;
    private readonly Queue<TKey> _ready = [];
    private readonly Queue<TKey> _behind = [];
    private readonly HashSet<TKey> _isBehind = [];
    private int _taken;
    private bool _isOver;
    private readonly Dictionary<TKey, long> _dirty = [];
    private readonly Dictionary<TKey, long> _processing = [];
    private readonly Dictionary<TKey, int> _failures = [];
    private readonly Dictionary<TKey, long> _due = [];
    private readonly PriorityQueue<TKey, long> _delayed = new();
    private readonly SemaphoreSlim _available = new(0);
    private readonly ITimer _timer;

    /// <summary>An empty queue.</summary>
    public WorkQueue(TimeProvider time, QueueMetrics metrics)
    {
        (_time, _metrics) = (time, metrics);
        _timer = time.CreateTimer(_ => Release(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        metrics.Watch(() => Pending, Running);
    }

    /// <summary>Keys that wait for a worker.</summary>
    public int Pending
    {
        get
        {
            lock (_lock) return _ready.Count + _isBehind.Count;
        }
    }

    /// <summary>Whether nothing waits for a worker and nothing is worked on; keys may still wait for their time.</summary>
    public bool IsIdle
    {
        get
        {
            lock (_lock) return _ready.Count == 0 && _isBehind.Count == 0 && _processing.Count == 0;
        }
    }

    /// <summary>How long the work that goes on has taken so far, at most.</summary>
    public TimeSpan LongestWork => Running().Longest;

    /// <summary>When the next waiting key's time comes; null where none waits.</summary>
    public DateTimeOffset? NextDue
    {
        get
        {
            lock (_lock) return NextTime() is { } due ? _time.GetUtcNow() + _time.GetElapsedTime(_time.GetTimestamp(), due) : null;
        }
    }

    /// <summary>Adds a key, unless it waits already.</summary>
    public void Add(TKey key)
    {
        lock (_lock) AddReady(key);
    }

    /// <summary>Adds a key to which nothing has happened: it waits behind the others, unless something happens to it.</summary>
    public void AddBehind(TKey key)
    {
        lock (_lock) AddLast(key);
    }

    /// <summary>Adds a key after a time. Of several times the earliest counts; adding the key at once makes them all void.</summary>
    public void AddAfter(TKey key, TimeSpan wait)
    {
        lock (_lock)
        {
            if (wait <= TimeSpan.Zero)
            {
                AddReady(key);
                return;
            }

            // The monotonic clock: the one on the wall may be set back by hours.
            var due = _time.GetTimestamp() + (long)(wait.TotalSeconds * _time.TimestampFrequency);
            if (_due.TryGetValue(key, out var known) && known <= due) return;
            _due[key] = due;
            Tidy();
            _delayed.Enqueue(key, due);
            SetTimer();
        }
    }

    /// <summary>Adds a key after a time that doubles with each failure in a row.</summary>
    public void AddAfterFailure(TKey key)
    {
        int failures;
        lock (_lock) failures = _failures[key] = _failures.GetValueOrDefault(key) + 1;
        _metrics.Retried();
        var doubled = s_firstBackoff * Math.Pow(2, Math.Min(failures, 20) - 1);
        AddAfter(key, (doubled < s_longestBackoff ? doubled : s_longestBackoff) * (1 + Jitter.Next(0.3)));
    }

    /// <summary>Ends a key's row of failures.</summary>
    public void Forget(TKey key)
    {
        lock (_lock) _failures.Remove(key);
    }

    /// <summary>The next key. Whoever takes it calls <see cref="Done"/> when the work is done.</summary>
    public async Task<TKey> TakeAsync(CancellationToken cancellationToken)
    {
        await _available.WaitAsync(cancellationToken).ConfigureAwait(false);
        lock (_lock)
        {
            var key = _ready.Count > 0 && (_isBehind.Count == 0 || ++_taken % BehindOneIn != 0) ? _ready.Dequeue() : DequeueBehind();
            _dirty.Remove(key, out var since);
            _processing[key] = _time.GetTimestamp();
            _metrics.Taken(_time.GetElapsedTime(since));
            return key;
        }
    }

    /// <summary>The work on a key is done; what was added meanwhile comes next.</summary>
    public void Done(TKey key)
    {
        lock (_lock)
        {
            if (_processing.Remove(key, out var since)) _metrics.Worked(_time.GetElapsedTime(since));
            if (!_dirty.ContainsKey(key)) return;
            _ready.Enqueue(key);
            _available.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _timer.Dispose();
        lock (_lock)
        {
            _isOver = true;
            _available.Dispose();
        }
    }

    private void AddReady(TKey key)
    {
        _due.Remove(key);
        // From behind to the front; its place behind is void.
        if (_isBehind.Remove(key)) _ready.Enqueue(key);
        if (!_dirty.TryAdd(key, _time.GetTimestamp())) return;
        _metrics.Added();
        if (_processing.ContainsKey(key)) return;
        _ready.Enqueue(key);
        _available.Release();
    }

    private void AddLast(TKey key)
    {
        _due.Remove(key);
        if (_dirty.ContainsKey(key)) return;
        if (_processing.ContainsKey(key))
        {
            AddReady(key);
            return;
        }

        _dirty[key] = _time.GetTimestamp();
        _metrics.Added();
        _isBehind.Add(key);
        _behind.Enqueue(key);
        _available.Release();
    }

    private TKey DequeueBehind()
    {
        while (true)
        {
            var key = _behind.Dequeue();
            if (_isBehind.Remove(key)) return key;
        }
    }

    private void Release()
    {
        lock (_lock)
        {
            // A timer may fire once more while it ends.
            if (_isOver) return;
            var now = _time.GetTimestamp();
            while (NextTime() is { } due && due <= now) AddLast(_delayed.Dequeue());

            SetTimer();
        }
    }

    /// <summary>When the next key is due. Entries that an earlier one or an immediate one has overtaken are void, and go.</summary>
    private long? NextTime()
    {
        while (_delayed.TryPeek(out var key, out var due))
        {
            if (_due.TryGetValue(key, out var valid) && valid == due) return due;
            _delayed.Dequeue();
        }

        return null;
    }

    /// <summary>Void entries with a time far off would pile up: one for each reconciliation that was to come again in hours.</summary>
    private void Tidy()
    {
        if (_delayed.Count < 1024 || _delayed.Count < 2 * _due.Count) return;
        _delayed.Clear();
        foreach (var (key, due) in _due) _delayed.Enqueue(key, due);
    }

    private void SetTimer()
    {
        if (NextTime() is not { } due) return;
        var wait = _time.GetElapsedTime(_time.GetTimestamp(), due);
        _timer.Change(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    private (TimeSpan Sum, TimeSpan Longest) Running()
    {
        lock (_lock)
        {
            var running = _processing.Values.Select(since => _time.GetElapsedTime(since)).ToList();
            return (running.Aggregate(TimeSpan.Zero, (sum, one) => sum + one), running.Count > 0 ? running.Max() : TimeSpan.Zero);
        }
    }
}
