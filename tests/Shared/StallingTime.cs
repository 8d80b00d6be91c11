namespace DiffusionDpo.Shared;

/// <summary>
/// The time of one process that is starved or paused for a while: its clock goes on, and its timers do not fire. What was due meanwhile happens
/// when it goes on.
/// </summary>
internal sealed class StallingTime(TimeProvider trueTime) : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly List<StallingTimer> _held = [];
    private volatile bool _isStalled;

    public bool IsStalled => _isStalled;

    public override long TimestampFrequency => trueTime.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => trueTime.GetUtcNow();

    public override long GetTimestamp() => trueTime.GetTimestamp();

    public void Stall()
    {
        lock (_lock) _isStalled = true;
    }

    public void GoOn()
    {
        List<StallingTimer> due;
        lock (_lock)
        {
            _isStalled = false;
            due = [.. _held];
            _held.Clear();
        }

        foreach (var timer in due) timer.Fire();
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        StallingTimer timer = new(this, () => callback(state));
        timer.Start(trueTime, dueTime, period);
        return timer;
    }

    private bool Hold(StallingTimer timer)
    {
        lock (_lock)
        {
            if (_isStalled && !_held.Contains(timer)) _held.Add(timer);
            return _isStalled;
        }
    }

    private void Drop(StallingTimer timer)
    {
        lock (_lock) _held.Remove(timer);
    }

    private sealed class StallingTimer(StallingTime owner, Action callback) : ITimer
    {
        private ITimer? _timer;
        private volatile bool _isOver;

        public void Start(TimeProvider time, TimeSpan dueTime, TimeSpan period)
        {
            _timer = time.CreateTimer(_ => { if (!owner.Hold(this)) Fire(); }, null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _timer.Change(dueTime, period);
        }

        public void Fire()
        {
            if (!_isOver) callback();
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            owner.Drop(this);
            return _timer!.Change(dueTime, period);
        }

        public void Dispose()
        {
            _isOver = true;
            owner.Drop(this);
            _timer!.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
