namespace DiffusionDpo.KubeOps.Tests.Leadership;

/// <summary>A machine whose wall clock is wrong and whose monotonic clock began elsewhere; both run as fast as true time.</summary>
internal sealed class SkewedTime(TimeProvider trueTime, TimeSpan wrong) : TimeProvider
{
    public override long TimestampFrequency => trueTime.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => trueTime.GetUtcNow() + wrong;

    public override long GetTimestamp() => trueTime.GetTimestamp() + wrong.Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        trueTime.CreateTimer(callback, state, dueTime, period);
}
