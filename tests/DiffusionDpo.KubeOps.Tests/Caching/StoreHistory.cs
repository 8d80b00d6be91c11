using DiffusionDpo.KubeOps.Caching;

namespace DiffusionDpo.KubeOps.Tests.Caching;

/// <summary>What happened on a server, and a store that hears of it in part twice, late or ahead of time.</summary>
internal sealed class StoreHistory
{
    private static readonly HashSet<ObjectKey> s_none = [];
    private readonly List<Happening> _all = [];
    private readonly HashSet<string> _ended = [];
    private readonly Dictionary<ObjectKey, (string Uid, int Version)> _shown = [];
    private int _told;
    private int _answered;

    public StoreHistory(IEnumerable<(int Name, bool Deletes)> steps)
    {
        Dictionary<ObjectKey, string> alive = [];
        foreach (var (name, deletes) in steps)
        {
            var key = new ObjectKey("default", $"{name}");
            if (deletes && !alive.ContainsKey(key)) continue;
            if (!alive.TryGetValue(key, out string? uid)) alive[key] = uid = $"u{_all.Count}";
            if (deletes) alive.Remove(key);
            _all.Add(new Happening(key, uid, (ulong)_all.Count + 1, deletes));
        }

        Store.Changed += Check;
    }

    public ObjectStore<string> Store { get; } = new(_ => null);

    public int Length => _all.Count;

    /// <summary>The stream goes on by one.</summary>
    public void Next()
    {
        if (_told < _all.Count) Tell(_all[_told++]);
    }

    /// <summary>The stream tells something again.</summary>
    public void Again(int index)
    {
        if (_told > 0) Tell(_all[index % _told]);
    }

    /// <summary>The answer to this process's own write comes, when it was long ago or before the stream knows of it.</summary>
    public void Answer(int index)
    {
        if (_all.Count == 0) return;
        Happening what = _all[index % _all.Count];
        _answered = Math.Max(_answered, (int)what.Version);
        if (what.Deletes) Store.ObserveGone(what.Key, what.Uid);
        else Store.Observe(what.Sight);
    }

    /// <summary>A list, no older than what was known when it was asked for; an answer may come while it is on its way.</summary>
    public void List(int more, int? answer = null)
    {
        ulong known = Store.Known;
        int at = Math.Min(_all.Count, Math.Max(_told, _answered) + more);
        if (answer is { } index) Answer(index);
        Store.Replace([.. StateAt(at).Select(one => one.Sight)], (ulong)at, known, s_none);
        _told = at;
    }

    /// <summary>Everything that is left comes in its order; then the store must be what the server is.</summary>
    public void Finish()
    {
        while (_told < _all.Count) Next();
        Assert.Equal(StateAt(_all.Count).Select(one => one.Sight.View).Order(), Store.List().Order());
    }

    private void Tell(Happening what)
    {
        if (what.Deletes) Store.AdvanceGone(what.Key, what.Uid, what.Version);
        else if (!Store.Advance(what.Sight)) List(0);
    }

    private IEnumerable<Happening> StateAt(int version) =>
        _all.Take(version).GroupBy(one => one.Key).Select(group => group.Last()).Where(last => !last.Deletes);

    // What a listener must be able to rely on.
    private void Check(ObjectKey key, string? before, string? after)
    {
        Assert.Equal(_shown.TryGetValue(key, out var last) ? $"{last.Uid}@{last.Version}" : null, before);
        if (after is null)
        {
            Assert.True(_ended.Add(last.Uid), "ended twice");
            _shown.Remove(key);
            return;
        }

        string[] parts = after.Split('@');
        var present = (Uid: parts[0], Version: int.Parse(parts[1]));
        Assert.DoesNotContain(present.Uid, _ended);
        if (before is not null) Assert.True(last.Uid == present.Uid && last.Version < present.Version, $"{before} to {after}");
        _shown[key] = present;
    }

    private sealed record Happening(ObjectKey Key, string Uid, ulong Version, bool Deletes)
    {
        public Sight<string> Sight => new(Key, Uid, Version, $"{Uid}@{Version}");
    }
}
