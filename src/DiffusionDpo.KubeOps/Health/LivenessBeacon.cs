namespace DiffusionDpo.KubeOps.Health;

/// <summary>Says that a loop still moves.</summary>
/// <param name="bound">How long the loop may take for one turn. Where it waits it must wake up more often than that.</param>
/// <param name="time">The clock.</param>
public sealed class LivenessBeacon(TimeSpan bound, TimeProvider time)
{
    private long _beat = time.GetTimestamp();

    /// <summary>Whether the loop has moved within its bound.</summary>
    public bool IsAlive => time.GetElapsedTime(Volatile.Read(ref _beat)) <= bound;

    /// <summary>The loop has done a turn.</summary>
    public void Beat() => Volatile.Write(ref _beat, time.GetTimestamp());
}
