namespace DiffusionDpo.KubeOps.Caching;

/// <summary>
/// The views of a kind's objects with an index by owner. It hears of them three ways: complete lists, a stream of changes that has a position,
/// and answers to this process's own writes, which are ahead of the stream. An object's version only grows, and what is gone stays gone,
/// whatever comes late or twice.
/// </summary>
internal sealed class ObjectStore<TView>(Func<TView, ObjectKey?> owner) : IObjectCache<TView>
    where TView : class
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ObjectKey, Entry> _entries = [];
    private readonly OwnerIndex _owned = new();
    private readonly Tombstones _gone = new();
    private ulong _position;
    private ulong _written;

    /// <summary>
    /// Told of every change, one at a time and in order: the key, the view before and the view after, null for none. An object that takes the
    /// name of one that is gone is two changes.
    /// </summary>
    public event Action<ObjectKey, TView?, TView?>? Changed;

    /// <inheritdoc/>
    public int Count => Read(() => _entries.Count);

    /// <summary>The highest version that is known of anything: a list that is asked for from now on is not older, unless history was set back.</summary>
    public ulong Known => Read(() => Math.Max(_position, _written));

    /// <inheritdoc/>
    public TView? Get(ObjectKey key) => Read(() => _entries.TryGetValue(key, out var entry) ? entry.View : null);

    /// <inheritdoc/>
    public IReadOnlyList<TView> List() => Read(() => _entries.Values.Select(entry => entry.View).ToArray());

    /// <inheritdoc/>
    public IReadOnlyList<TView> OwnedBy(ObjectKey entity) => Read(() => _owned.Of(entity).Select(key => _entries[key].View).ToArray());

    /// <summary>The key and version of every object.</summary>
    public IReadOnlyDictionary<ObjectKey, ulong> Versions() => Read(() => _entries.ToDictionary(pair => pair.Key, pair => pair.Value.Version));

    /// <summary>
    /// Takes a complete list of the objects at a version. Objects that it lacks are gone, except those written after it. A list that is older
    /// than what was known when it was asked for means that the server's store was restored from a backup: then the list is all there is.
    /// </summary>
    /// <param name="items">The objects.</param>
    /// <param name="listVersion">The list's version.</param>
    /// <param name="knownBefore"><see cref="Known"/> before the list was asked for.</param>
    /// <param name="unreadable">Objects that are on the list and cannot be read: what is known of them stays.</param>
    public void Replace(IReadOnlyList<Sight<TView>> items, ulong listVersion, ulong knownBefore, IReadOnlySet<ObjectKey> unreadable)
    {
        lock (_lock)
        {
            var isRestored = listVersion < knownBefore;
            if (isRestored) _gone.Clear();
            Dictionary<ObjectKey, string> listed = [];
            foreach (var item in items) listed[item.Key] = item.Uid;
            // By UID: what has the name on the list may have ended since, and then nothing else would end what had it before.
            foreach (var (key, entry) in _entries.Where(IsMissing).ToList())
            {
                _gone.Add(entry.Uid, listVersion);
                Remove(key, entry);
            }

            foreach (var item in items)
            {
                if (isRestored || IsNews(item)) Put(item);
            }

            _position = listVersion;
            if (isRestored) _written = listVersion;

            bool IsMissing(KeyValuePair<ObjectKey, Entry> e) => !unreadable.Contains(e.Key)
                && listed.GetValueOrDefault(e.Key) != e.Value.Uid && (isRestored || e.Value.Version <= listVersion);
        }
    }

    /// <summary>The stream tells of an object that is new or changed.</summary>
    /// <returns>False where the stream is not in order, so that only another list can be trusted.</returns>
    public bool Advance(Sight<TView> item)
    {
        lock (_lock)
        {
            var isLate = item.Version <= _position;
            _position = Math.Max(_position, item.Version);
            if (!IsNews(item)) return true;
            if (isLate) return false;
            Put(item);
            return true;
        }
    }

    /// <summary>The stream tells that an object is gone, or no longer selected.</summary>
    public void AdvanceGone(ObjectKey key, string uid, ulong version)
    {
        lock (_lock)
        {
            _position = Math.Max(_position, version);
            End(key, uid, version);
        }
    }

    /// <summary>The stream has come to a version without a change (a bookmark).</summary>
    public void Pass(ulong version)
    {
        lock (_lock) _position = Math.Max(_position, version);
    }

    /// <summary>Takes what a write answered.</summary>
    public void Observe(Sight<TView> item)
    {
        lock (_lock)
        {
            _written = Math.Max(_written, item.Version);
            // What is not here, though the stream has passed it, has ended by now.
            if (IsNews(item) && (item.Version > _position || _entries.ContainsKey(item.Key))) Put(item);
        }
    }

    /// <summary>Takes note that a write ended an object (or its being selected, in a version).</summary>
    public void ObserveGone(ObjectKey key, string uid, ulong version = ulong.MaxValue)
    {
        lock (_lock) End(key, uid, version);
    }

    private bool IsNews(Sight<TView> item) =>
        (!_entries.TryGetValue(item.Key, out var known) || item.Version > known.Version) && !_gone.Cover(item.Uid, item.Version);

    private void Put(Sight<TView> item)
    {
        var belongsTo = owner(item.View);
        var exists = _entries.TryGetValue(item.Key, out var before);
        if (exists && before.Uid != item.Uid)
        {
            // Whose name is taken is gone for good, though the stream may yet tell of it.
            _gone.Add(before.Uid, ulong.MaxValue);
            Remove(item.Key, before);
            (exists, before) = (false, default);
        }

        // An equal view is kept: nobody needs a second copy.
        var isChange = !exists || !item.View.Equals(before.View);
        _owned.Move(item.Key, before.Owner, belongsTo);
        _entries[item.Key] = new Entry(isChange ? item.View : before.View, item.Uid, item.Version, belongsTo);
        if (isChange) Changed?.Invoke(item.Key, before.View, item.View);
    }

    private void End(ObjectKey key, string uid, ulong version)
    {
        _gone.Add(uid, version);
        if (_entries.TryGetValue(key, out var entry) && entry.Uid == uid && entry.Version <= version) Remove(key, entry);
    }

    private void Remove(ObjectKey key, Entry entry)
    {
        _entries.Remove(key);
        _owned.Move(key, entry.Owner, null);
        Changed?.Invoke(key, entry.View, null);
    }

    private T Read<T>(Func<T> read)
    {
        lock (_lock) return read();
    }

    private readonly record struct Entry(TView View, string Uid, ulong Version, ObjectKey? Owner);
}
