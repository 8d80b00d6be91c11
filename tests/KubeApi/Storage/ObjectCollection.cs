using System.Collections.Immutable;

namespace KubeApi.Storage;

/// <summary>The objects of one resource: the present, and the changes that lead back to the past.</summary>
internal sealed class ObjectCollection
{
    private readonly List<Change> _log = [];
    private int _dropped;

    public ImmutableSortedDictionary<ObjectKey, StoredObject> Present { get; private set; } =
        ImmutableSortedDictionary<ObjectKey, StoredObject>.Empty;

    public TaskCompletionSource Changed { get; private set; } = NewSignal();

    /// <summary>Records a change and returns the signal that wakes the watchers, to be set outside the store's lock.</summary>
    public TaskCompletionSource Append(Change change)
    {
        Present = change.Kind == ChangeKind.Deleted ? Present.Remove(change.Key) : Present.SetItem(change.Key, change.After);
        _log.Add(change);
        var signal = Changed;
        Changed = NewSignal();
        return signal;
    }

    public List<Change> Since(long resourceVersion)
    {
        var first = FirstAfter(resourceVersion);
        return _log.GetRange(first, _log.Count - first);
    }

    public ImmutableSortedDictionary<ObjectKey, StoredObject> At(long resourceVersion)
    {
        var past = Present.ToBuilder();
        for (var index = _log.Count - 1; index >= _dropped && _log[index].ResourceVersion > resourceVersion; index--)
        {
            if (_log[index].Before is { } before)
                past[before.Key] = before;
            else
                past.Remove(_log[index].Key);
        }

        return past.ToImmutable();
    }

    /// <summary>Forgets changes up to a version; memory is given back in large steps so that this costs nothing per write.</summary>
    public void Compact(long resourceVersion)
    {
        _dropped = FirstAfter(resourceVersion);
        if (_dropped < 1024 && _dropped < _log.Count)
            return;
        _log.RemoveRange(0, _dropped);
        _dropped = 0;
    }

    private int FirstAfter(long resourceVersion)
    {
        int low = _dropped, high = _log.Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_log[middle].ResourceVersion > resourceVersion)
                high = middle;
            else
                low = middle + 1;
        }

        return low;
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
