namespace DiffusionDpo.KubeOps.Caching;

/// <summary>Remembers the objects that went last, so that late news of them does not bring them back. By UID: a UID never returns.</summary>
internal sealed class Tombstones
{
    private const int Capacity = 4096;
    private readonly Dictionary<string, ulong> _goneAt = new(StringComparer.Ordinal);
    private readonly Queue<string> _order = new();

    /// <summary>An object went in a version.</summary>
    public void Add(string uid, ulong version)
    {
        if (!_goneAt.TryGetValue(uid, out ulong known)) _order.Enqueue(uid);
        _goneAt[uid] = Math.Max(known, version);
        if (_order.Count > Capacity) _goneAt.Remove(_order.Dequeue());
    }

    /// <summary>Whether a version of an object is older than its end.</summary>
    public bool Cover(string uid, ulong version) => _goneAt.TryGetValue(uid, out ulong gone) && version <= gone;

    /// <summary>Forgets all: versions no longer mean what they meant.</summary>
    public void Clear()
    {
        _goneAt.Clear();
        _order.Clear();
    }
}
