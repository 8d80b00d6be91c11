namespace DiffusionDpo.KubeOps.Caching;

/// <summary>
/// The views of a kind's objects with an index by owner. It moves forward only: the stream of changes has a position, and what is older than
/// what is known, or older than the position, is ignored, however often and late it comes.
/// </summary>
internal sealed class ObjectStore<TView>(Func<TView, ObjectKey?> owner) : IObjectCache<TView>
    where TView : class
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ObjectKey, Entry> _entries = [];
    private readonly Dictionary<ObjectKey, HashSet<ObjectKey>> _byOwner = [];
    private ulong _position;

    /// <summary>Told of every change, outside of the lock: the key, the view before and the view after, null for none.</summary>
    public event Action<ObjectKey, TView?, TView?>? Changed;

    /// <inheritdoc/>
    public int Count
    {
        get
        {
            lock (_lock) return _entries.Count;
        }
    }

    /// <inheritdoc/>
    public TView? Get(ObjectKey key)
    {
        lock (_lock) return _entries.TryGetValue(key, out var entry) ? entry.View : null;
    }

    /// <inheritdoc/>
    public IReadOnlyList<TView> List()
    {
        lock (_lock) return [.. _entries.Values.Select(entry => entry.View)];
    }

    /// <inheritdoc/>
    public IReadOnlyList<TView> OwnedBy(ObjectKey entity)
    {
        lock (_lock) return _byOwner.TryGetValue(entity, out var keys) ? [.. keys.Select(key => _entries[key].View)] : [];
    }

    /// <summary>
    /// Takes a complete list of the objects at a version. Objects that it lacks are gone, except those written after it. A list that is older
    /// than what the stream has shown means that the server's store was restored from a backup: then the list is all there is. An item
    /// without a view exists and cannot be read: what was known of it stays.
    /// </summary>
    public void Replace(IReadOnlyList<(ObjectKey Key, TView? View, ulong Version)> items, ulong listVersion)
    {
        List<(ObjectKey, TView?, TView?)> changes = [];
        lock (_lock)
        {
            var isRestored = listVersion < _position;
            var listed = items.Select(item => item.Key).ToHashSet();
            foreach (var (key, entry) in _entries.Where(e => !listed.Contains(e.Key) && (isRestored || e.Value.Version <= listVersion)).ToList())
            {
                Remove(key);
                changes.Add((key, entry.View, null));
            }

            foreach (var (key, view, version) in items)
            {
                if (view is not null) Put(key, view, version, changes, isRestored);
            }

            _position = listVersion;
        }

        Tell(changes);
    }

    /// <summary>Takes a change from the stream.</summary>
    /// <param name="key">Of which object.</param>
    /// <param name="view">What it is now; null when it is gone.</param>
    /// <param name="version">The version of the change.</param>
    /// <returns>False for a change that is known already.</returns>
    public bool Advance(ObjectKey key, TView? view, ulong version)
    {
        List<(ObjectKey, TView?, TView?)> changes = [];
        lock (_lock)
        {
            if (version <= _position) return false;
            _position = version;
            if (view is not null)
            {
                Put(key, view, version, changes);
            }
            else if (_entries.TryGetValue(key, out var gone) && gone.Version < version)
            {
                Remove(key);
                changes.Add((key, gone.View, null));
            }
        }

        Tell(changes);
        return true;
    }

    /// <summary>The stream has come to a version without a change (a bookmark).</summary>
    public void Pass(ulong version)
    {
        lock (_lock) _position = Math.Max(_position, version);
    }

    /// <summary>Takes what a write answered. What the stream has passed is known already, or undone again.</summary>
    public void Observe(ObjectKey key, TView view, ulong version)
    {
        List<(ObjectKey, TView?, TView?)> changes = [];
        lock (_lock)
        {
            if (version <= _position) return;
            Put(key, view, version, changes);
        }

        Tell(changes);
    }

    private void Put(ObjectKey key, TView view, ulong version, List<(ObjectKey, TView?, TView?)> changes, bool isRestored = false)
    {
        _entries.TryGetValue(key, out var before);
        if (before is not null && before.Version >= version && !isRestored) return;
        if (before is not null) Remove(key);
        _entries[key] = new Entry(view, version);
        if (owner(view) is { } entity)
        {
            if (!_byOwner.TryGetValue(entity, out var keys)) _byOwner[entity] = keys = [];
            keys.Add(key);
        }

        if (before is null || !view.Equals(before.View)) changes.Add((key, before?.View, view));
    }

    private void Remove(ObjectKey key)
    {
        if (!_entries.Remove(key, out var entry) || owner(entry.View) is not { } entity || !_byOwner.TryGetValue(entity, out var keys)) return;
        keys.Remove(key);
        if (keys.Count == 0) _byOwner.Remove(entity);
    }

    private void Tell(List<(ObjectKey Key, TView? Before, TView? After)> changes)
    {
        foreach (var (key, before, after) in changes) Changed?.Invoke(key, before, after);
    }

    private sealed record Entry(TView View, ulong Version);
}
