namespace DiffusionDpo.Cli.Tests.Display;

/// <summary>A clock that stands until it is set forward.</summary>
internal sealed class SetClock : TimeProvider
{
    private DateTimeOffset _now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    public override DateTimeOffset GetUtcNow() => _now;

    public override long GetTimestamp() => _now.Ticks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public void Forward(double seconds) => _now += TimeSpan.FromSeconds(seconds);
}
