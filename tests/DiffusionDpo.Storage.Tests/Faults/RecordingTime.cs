using System.Collections.Concurrent;

namespace DiffusionDpo.Storage.Tests.Faults;

/// <summary>A clock on which nobody waits: it writes down for how long one wanted to, and lets everyone go on at once, or never.</summary>
/// <param name="isFrozen">Whether waits never end.</param>
internal sealed class RecordingTime(bool isFrozen = false) : TimeProvider
{
    private readonly ConcurrentQueue<TimeSpan> waits = [];
    private readonly TaskCompletionSource waiting = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The waits so far, in order.</summary>
    public IReadOnlyCollection<TimeSpan> Waits => waits;

    /// <summary>Done when somebody waits.</summary>
    public Task Waiting => waiting.Task;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime == Timeout.InfiniteTimeSpan) return base.CreateTimer(callback, state, dueTime, period);
        waits.Enqueue(dueTime);
        waiting.TrySetResult();
        return base.CreateTimer(callback, state, isFrozen ? Timeout.InfiniteTimeSpan : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }
}
