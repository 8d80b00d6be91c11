namespace DiffusionDpo.KubeOps.Events;

/// <summary>
/// How many events there may be of one reason about one object: 25, and one more every five minutes. Each reason has its own share, so
/// that a flood of one leaves room for the others, such as the rare ones about attempts and checkpoints.
/// </summary>
internal sealed class EventBudget(TimeProvider time)
{
    private const double Burst = 25;
    private static readonly TimeSpan s_refill = TimeSpan.FromMinutes(5);
    private readonly Dictionary<(string Object, string Reason), (double Left, long At)> _buckets = [];

    /// <summary>How many shares are remembered.</summary>
    public int Count => _buckets.Count;

    /// <summary>Takes one.</summary>
    /// <returns>False where none is left.</returns>
    public bool TryTake(Occurrence occurrence)
    {
        var key = (occurrence.Object, occurrence.Reason);
        var left = _buckets.TryGetValue(key, out var bucket) ? Left(bucket) : Burst;
        if (left < 1) return false;
        _buckets[key] = (left - 1, time.GetTimestamp());
        return true;
    }

    /// <summary>Forgets shares that are full again.</summary>
    public void Prune()
    {
        foreach (var (key, bucket) in _buckets)
        {
            if (Left(bucket) >= Burst) _buckets.Remove(key);
        }
    }

    private double Left((double Left, long At) bucket) => Math.Min(Burst, bucket.Left + (time.GetElapsedTime(bucket.At) / s_refill));
}
