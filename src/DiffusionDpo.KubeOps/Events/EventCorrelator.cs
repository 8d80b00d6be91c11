using System.Globalization;

namespace DiffusionDpo.KubeOps.Events;

/// <summary>Puts occurrences into series, thins out floods, and knows which series are to be written when.</summary>
internal sealed class EventCorrelator(TimeProvider time)
{
    // About 2 KiB each.
    private const int MostSeries = 4096;
    private static readonly TimeSpan s_window = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan s_pruning = TimeSpan.FromMinutes(1);
    private readonly Dictionary<(string Object, EventKind Kind, string Reason, string Note), EventSeries> _series = [];
    private readonly EventBudget _budget = new(time);
    private long _lastName;
    private long _pruned = time.GetTimestamp();

    /// <summary>How many series and shares of the budget are remembered.</summary>
    public (int Series, int Shares) Remembered => (_series.Count, _budget.Count);

    /// <summary>Time until the next series should be written; null where there is none to write.</summary>
    public TimeSpan? UntilNextDue => _series.Values.Where(one => one.IsDirty).Select(one => (TimeSpan?)one.UntilDue).Min();

    /// <summary>Takes an occurrence in.</summary>
    /// <returns>False where it is one too many.</returns>
    public bool TryAdd(Occurrence occurrence)
    {
        var key = (occurrence.Object, occurrence.Kind, occurrence.Reason, occurrence.Note);
        if (_series.TryGetValue(key, out var known) && known.Age <= s_window)
        {
            known.Add(occurrence);
            return true;
        }

        if (!_budget.TryTake(occurrence)) return false;
        if (_series.Count >= MostSeries) Forget();
        _series[key] = new EventSeries(occurrence, EventText.Name(occurrence.Regarding.Name, Unique(occurrence.Time)), time);
        return true;
    }

    /// <summary>The series to write now.</summary>
    /// <param name="all">Also those that could wait.</param>
    public IReadOnlyList<EventSeries> Due(bool all)
    {
        if (time.GetElapsedTime(_pruned) >= s_pruning) Prune();
        return [.. _series.Values.Where(one => one.IsDirty && (all || one.UntilDue <= TimeSpan.Zero))];
    }

    private void Prune()
    {
        _pruned = time.GetTimestamp();
        foreach (var (key, one) in _series)
        {
            if (!one.IsDirty && one.Age > s_window) _series.Remove(key);
        }

        _budget.Prune();
    }

    // A quarter at once: looking for the oldest each time would be slow in the very flood that it is for.
    private void Forget()
    {
        foreach (var (key, _) in _series.OrderByDescending(pair => pair.Value.Age).Take(MostSeries / 4).ToList()) _series.Remove(key);
    }

    // Nanoseconds as other recorders write them; never the same twice.
    private string Unique(DateTimeOffset now)
    {
        _lastName = Math.Max(_lastName + 1, (now - DateTimeOffset.UnixEpoch).Ticks * 100);
        return _lastName.ToString("x", CultureInfo.InvariantCulture);
    }
}
