namespace DiffusionDpo.KubeOps.Health;

/// <summary>Says that a loop still moves.</summary>
/// <param name="name">The loop, as the answer of /livez names it.</param>
/// <param name="bound">How long the loop may take for one turn.</param>
/// <param name="time">The clock.</param>
public sealed class LivenessBeacon(string name, TimeSpan bound, TimeProvider time)
{
    private long _beat = time.GetTimestamp();
    private volatile bool _isRetired;

    /// <summary>The loop.</summary>
    public string Name { get; } = name;

    /// <summary>Whether the loop has moved within its bound, or has ended in order.</summary>
    public bool IsAlive => _isRetired || time.GetElapsedTime(Volatile.Read(ref _beat)) <= bound;

    /// <summary>The loop has done a turn.</summary>
    public void Beat() => Volatile.Write(ref _beat, time.GetTimestamp());

    /// <summary>The loop ends as it should: nobody restarts a process because it drains.</summary>
    public void Retire() => _isRetired = true;
}
