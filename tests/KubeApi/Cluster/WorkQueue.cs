namespace KubeApi.Cluster;

/// <summary>What is to be looked at: now in the order of arrival, each once, or at a time.</summary>
internal sealed class WorkQueue
{
    private readonly Lock _gate = new();
    private readonly Queue<Work> _ready = new();
    private readonly HashSet<Work> _waiting = [];
    private readonly PriorityQueue<Work, (DateTimeOffset Due, long Order)> _timed = new();
    private readonly Dictionary<Work, DateTimeOffset> _due = [];
    private long _order;

    public TaskCompletionSource Added { get; private set; } = NewSignal();

    public DateTimeOffset? NextDue
    {
        get
        {
            lock (_gate)
            {
                DropStale();
                return _timed.TryPeek(out _, out var first) ? first.Due : null;
            }
        }
    }

    public void Add(Work work)
    {
        TaskCompletionSource signal;
        lock (_gate)
        {
            if (_waiting.Add(work))
                _ready.Enqueue(work);
            signal = Added;
            Added = NewSignal();
        }

        signal.TrySetResult();
    }

    /// <summary>Sets the time at which to look again, in place of an earlier answer.</summary>
    public void Schedule(Work work, DateTimeOffset? due)
    {
        lock (_gate)
        {
            if (due is not { } time)
            {
                _due.Remove(work);
                return;
            }

            _due[work] = time;
            _timed.Enqueue(work, (time, _order++));
        }
    }

    public bool TryTake(DateTimeOffset now, out Work work)
    {
        lock (_gate)
        {
            while (DropStale() && _timed.TryPeek(out var due, out var first) && first.Due <= now)
            {
                _timed.Dequeue();
                _due.Remove(due);
                if (_waiting.Add(due))
                    _ready.Enqueue(due);
            }

            if (!_ready.TryDequeue(out work))
                return false;
            _waiting.Remove(work);
            return true;
        }
    }

    // A time that was replaced or withdrawn stays in the heap until it comes up.
    private bool DropStale()
    {
        while (_timed.TryPeek(out var work, out var first) && (!_due.TryGetValue(work, out var due) || due != first.Due))
            _timed.Dequeue();
        return true;
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
