namespace DiffusionDpo.KubeOps.Caching;

/// <summary>Which objects belong to an entity.</summary>
internal sealed class OwnerIndex
{
    private readonly Dictionary<ObjectKey, HashSet<ObjectKey>> _owned = [];

    public IReadOnlyCollection<ObjectKey> Of(ObjectKey owner) => _owned.TryGetValue(owner, out HashSet<ObjectKey>? keys) ? keys : [];

    public void Move(ObjectKey key, ObjectKey? from, ObjectKey? to)
    {
        if (from == to) return;
        if (from is { } old && _owned.TryGetValue(old, out HashSet<ObjectKey>? keys) && keys.Remove(key) && keys.Count == 0) _owned.Remove(old);
        if (to is not { } owner) return;
        if (!_owned.TryGetValue(owner, out HashSet<ObjectKey>? siblings)) _owned[owner] = siblings = [];
        siblings.Add(key);
    }
}
