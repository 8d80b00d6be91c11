using System.Text.Json.Nodes;
using KubeApi.Json;
using KubeApi.Resources;
using KubeApi.Storage;

namespace KubeApi.Cluster;

/// <summary>The indexes over the store that controllers share: by uid, by owner, by node.</summary>
internal sealed class ClusterView(ResourceRegistry resources)
{
    private readonly Dictionary<ObjectId, Seen> _objects = [];
    private readonly Dictionary<string, ObjectId> _byUid = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SortedSet<ObjectId>> _byOwner = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SortedSet<ObjectId>> _byNode = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<ObjectId>> _byNamespace = new(StringComparer.Ordinal);

    public Seen? Find(ObjectId id) => _objects.GetValueOrDefault(id);

    public bool Exists(string uid) => _byUid.ContainsKey(uid);

    public ObjectId? FindByUid(string uid) => _byUid.TryGetValue(uid, out var id) ? id : null;

    /// <summary>What names this uid as an owner, in order.</summary>
    public IReadOnlyList<ObjectId> DependentsOf(string uid) => _byOwner.TryGetValue(uid, out var ids) ? [.. ids] : [];

    public IReadOnlyList<ObjectId> PodsOn(string node) => _byNode.TryGetValue(node, out var ids) ? [.. ids] : [];

    public IReadOnlyCollection<ObjectId> In(string space) => _byNamespace.TryGetValue(space, out var ids) ? ids : [];

    public IEnumerable<ObjectId> All(string collection) => _objects.Keys.Where(id => id.Collection == collection).Order(ById);

    public void Clear()
    {
        _objects.Clear();
        _byUid.Clear();
        _byOwner.Clear();
        _byNode.Clear();
        _byNamespace.Clear();
    }

    public void Observe(string collection, StoredObject stored, bool deleted)
    {
        var id = new ObjectId(collection, stored.Key);
        if (_objects.Remove(id, out var before))
            Forget(before);
        if (deleted)
            return;
        var metadata = stored.Document().Metadata();
        var node = collection == "pods" ? stored.Fields.GetValueOrDefault("spec.nodeName", "") : "";
        var seen = new Seen(id, stored.Uid, OwnersIn(metadata), node, metadata["deletionTimestamp"] is not null);
        _objects[id] = seen;
        _byUid[seen.Uid] = id;
        foreach (var owner in seen.Owners)
            Add(_byOwner, owner.Uid, id);
        if (node.Length > 0)
            Add(_byNode, node, id);
        if (!_byNamespace.TryGetValue(id.Key.Namespace, out var neighbours))
            _byNamespace[id.Key.Namespace] = neighbours = [];
        neighbours.Add(id);
    }

    private void Forget(Seen seen)
    {
        _byUid.Remove(seen.Uid);
        foreach (var owner in seen.Owners)
            Remove(_byOwner, owner.Uid, seen.Id);
        if (seen.Node.Length > 0)
            Remove(_byNode, seen.Node, seen.Id);
        _byNamespace[seen.Id.Key.Namespace].Remove(seen.Id);
    }

    private List<Owner> OwnersIn(JsonObject metadata) => (metadata.Array("ownerReferences") ?? []).OfType<JsonObject>()
        .Select(owner => new Owner(owner.Text("uid") ?? "", CollectionOf(owner), owner.Flag("controller") ?? false, owner.Flag("blockOwnerDeletion") ?? false))
        .ToList();

    private string CollectionOf(JsonObject owner) => resources.All
        .FirstOrDefault(type => type.ApiVersion == owner.Text("apiVersion") && type.Kind == owner.Text("kind"))?.StoredIn ?? "";

    private static void Add(Dictionary<string, SortedSet<ObjectId>> index, string key, ObjectId id)
    {
        if (!index.TryGetValue(key, out var ids))
            index[key] = ids = new SortedSet<ObjectId>(ById);
        ids.Add(id);
    }

    private static void Remove(Dictionary<string, SortedSet<ObjectId>> index, string key, ObjectId id)
    {
        if (index.TryGetValue(key, out var ids) && ids.Remove(id) && ids.Count == 0)
            index.Remove(key);
    }

    private static readonly Comparer<ObjectId> ById = Comparer<ObjectId>.Create((left, right) =>
    {
        var order = string.CompareOrdinal(left.Collection, right.Collection);
        return order != 0 ? order : left.Key.CompareTo(right.Key);
    });
}
