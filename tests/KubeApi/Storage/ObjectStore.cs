using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace KubeApi.Storage;

/// <summary>
/// What etcd is to a real server: objects by resource and key, one counter of versions for all, optimistic concurrency, and a history
/// for watches and past lists that can be compacted. No write costs more when there are more objects.
/// </summary>
public sealed class ObjectStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, ObjectCollection> _collections = new(StringComparer.Ordinal);
    private readonly List<Change> _all = [];
    private TaskCompletionSource _anyChange = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The first version is above those that clients like to use as "very old".</summary>
    public long ResourceVersion { get; private set; } = 100;

    /// <summary>Versions below this are gone.</summary>
    public long Oldest { get; private set; } = 100;

    /// <summary>How many changes the history holds before the oldest half is compacted.</summary>
    public int HistoryLimit { get; init; } = 100_000;

    public StoredObject? Get(string collection, ObjectKey key)
    {
        lock (_gate)
            return Of(collection).Present.GetValueOrDefault(key);
    }

    /// <summary>All objects of a collection now, with the version of that moment.</summary>
    public (ImmutableSortedDictionary<ObjectKey, StoredObject> Objects, long ResourceVersion) List(string collection)
    {
        lock (_gate)
            return (Of(collection).Present, ResourceVersion);
    }

    /// <summary>All objects as they were at a version.</summary>
    public ImmutableSortedDictionary<ObjectKey, StoredObject> ListAt(string collection, long resourceVersion)
    {
        lock (_gate)
        {
            if (resourceVersion < Oldest)
                throw new CompactedException(resourceVersion, Oldest);
            return Of(collection).At(resourceVersion);
        }
    }

    /// <summary>Changes of a collection after a version, oldest first, and a task that ends with the next one.</summary>
    public (IReadOnlyList<Change> Changes, Task Next, long ResourceVersion) Changes(string collection, long after)
    {
        lock (_gate)
        {
            if (after < Oldest)
                throw new CompactedException(after, Oldest);
            var of = Of(collection);
            return (of.Since(after), of.Changed.Task, ResourceVersion);
        }
    }

    /// <summary>Changes of all collections after a version: for in-process controllers that look at several kinds in order.</summary>
    public (IReadOnlyList<Change> Changes, Task Next) AllChanges(long after)
    {
        lock (_gate)
        {
            if (after < Oldest)
                throw new CompactedException(after, Oldest);
            var skip = (int)Math.Max(0, _all.Count - (ResourceVersion - after));
            return (_all.GetRange(skip, _all.Count - skip), _anyChange.Task);
        }
    }

    public WriteResult Create(string collection, ObjectKey key, JsonObject document, out StoredObject stored)
    {
        List<TaskCompletionSource> signals;
        lock (_gate)
        {
            if (Of(collection).Present.TryGetValue(key, out var existing))
            {
                stored = existing;
                return WriteResult.AlreadyExists;
            }

            stored = StoredObject.Freeze(key, ResourceVersion + 1, document);
            signals = Append(new Change(collection, ChangeKind.Added, null, stored));
        }

        Wake(signals);
        return WriteResult.Written;
    }

    public WriteResult Update(string collection, StoredObject before, JsonObject document, out StoredObject stored)
    {
        List<TaskCompletionSource> signals;
        stored = before;
        lock (_gate)
        {
            if (Check(collection, before) is var verdict and not WriteResult.Written)
                return verdict;
            stored = StoredObject.Freeze(before.Key, ResourceVersion + 1, document);
            signals = Append(new Change(collection, ChangeKind.Modified, before, stored));
        }

        Wake(signals);
        return WriteResult.Written;
    }

    /// <summary>Deletes; watchers see the last state at the version of the deletion.</summary>
    public WriteResult Delete(string collection, StoredObject before, out StoredObject last)
    {
        List<TaskCompletionSource> signals;
        last = before;
        lock (_gate)
        {
            if (Check(collection, before) is var verdict and not WriteResult.Written)
                return verdict;
            last = before.At(ResourceVersion + 1);
            signals = Append(new Change(collection, ChangeKind.Deleted, before, last));
        }

        Wake(signals);
        return WriteResult.Written;
    }

    /// <summary>Drops the history up to a version: older watches and lists answer 410.</summary>
    public void Compact(long resourceVersion)
    {
        lock (_gate)
        {
            resourceVersion = Math.Min(resourceVersion, ResourceVersion);
            if (resourceVersion <= Oldest)
                return;
            _all.RemoveRange(0, (int)Math.Max(0, _all.Count - (ResourceVersion - resourceVersion)));
            Oldest = resourceVersion;
            foreach (var collection in _collections.Values)
                collection.Compact(resourceVersion);
        }
    }

    private WriteResult Check(string collection, StoredObject before)
    {
        if (!Of(collection).Present.TryGetValue(before.Key, out var current))
            return WriteResult.NotFound;
        return current.ResourceVersion == before.ResourceVersion ? WriteResult.Written : WriteResult.Conflict;
    }

    private List<TaskCompletionSource> Append(Change change)
    {
        ResourceVersion = change.ResourceVersion;
        _all.Add(change);
        if (_all.Count > HistoryLimit)
            Compact(ResourceVersion - HistoryLimit / 2);
        var any = _anyChange;
        _anyChange = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return [Of(change.Collection).Append(change), any];
    }

    private static void Wake(List<TaskCompletionSource> signals)
    {
        foreach (var signal in signals)
            signal.TrySetResult();
    }

    private ObjectCollection Of(string collection)
    {
        if (!_collections.TryGetValue(collection, out var of))
            _collections[collection] = of = new ObjectCollection();
        return of;
    }
}
