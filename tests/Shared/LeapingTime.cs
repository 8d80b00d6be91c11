namespace DiffusionDpo.Shared;

/// <summary>A clock that is a minute later whenever somebody looks at it. Waits take as long as they do.</summary>
internal sealed class LeapingTime : TimeProvider
{
    private long _minutes;

    public override long TimestampFrequency => 1;

    public override long GetTimestamp() => 60 * Interlocked.Increment(ref _minutes);
}
