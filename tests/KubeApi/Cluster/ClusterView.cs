using System.Text.Json.Nodes;
using KubeApi.Cluster.Scheduling;
using KubeApi.Json;
using KubeApi.Resources;
using KubeApi.Storage;

namespace KubeApi.Cluster;

/// <summary>The indexes over the store that controllers share: by uid, by owner, by node.</summary>
internal sealed class ClusterView(ResourceRegistry resources)
{
    private static readonly Comparer<ObjectId> ById = Comparer<ObjectId>.Create((left, right) =>
    {
        var order = string.CompareOrdinal(left.Collection, right.Collection);
        return order != 0 ? order : left.Key.CompareTo(right.Key);
    });

    private readonly Dictionary<ObjectId, Seen> _objects = [];
    private readonly Dictionary<string, ObjectId> _byUid = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SortedSet<ObjectId>> _byOwner = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SortedSet<ObjectId>> _byNode = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Namespace, string Collection), SortedSet<ObjectId>> _byPlace = [];
    private readonly Dictionary<string, Dictionary<string, decimal>> _taken = new(StringComparer.Ordinal);
    private readonly SortedSet<ObjectId> _unbound = new(ById);

    public Seen? Find(ObjectId id) => _objects.GetValueOrDefault(id);

    public bool Exists(string uid) => _byUid.ContainsKey(uid);

    public ObjectId? FindByUid(string uid) => _byUid.TryGetValue(uid, out var id) ? id : null;

    /// <summary>What names this uid as an owner, in order.</summary>
    public IReadOnlyList<ObjectId> DependentsOf(string uid) => _byOwner.TryGetValue(uid, out var ids) ? [.. ids] : [];

    public IReadOnlyList<ObjectId> PodsOn(string node) => _byNode.TryGetValue(node, out var ids) ? [.. ids] : [];

    /// <summary>Pods that no node has yet.</summary>
    public IReadOnlyList<ObjectId> UnboundPods => [.. _unbound];

    /// <summary>What the pods of a node that have not ended take of it.</summary>
    public IReadOnlyDictionary<string, decimal> TakenOf(string node) => _taken.TryGetValue(node, out var taken) ? taken : new Dictionary<string, decimal>();

    /// <summary>The objects of a kind in a namespace; "" for those that are in none.</summary>
    public IReadOnlyList<ObjectId> In(string space, string collection) => _byPlace.TryGetValue((space, collection), out var ids) ? [.. ids] : [];

    /// <summary>Everything in a namespace.</summary>
    public IReadOnlyList<ObjectId> In(string space) => _byPlace.Where(place => place.Key.Namespace == space).SelectMany(place => place.Value).Order(ById).ToList();

    public void Clear()
    {
        _objects.Clear();
        _byUid.Clear();
        _byOwner.Clear();
        _byNode.Clear();
        _byPlace.Clear();
        _unbound.Clear();
        _taken.Clear();
    }

    public void Observe(string collection, StoredObject stored, bool deleted)
    {
        var id = new ObjectId(collection, stored.Key);
        if (_objects.Remove(id, out var before))
            Forget(before);
        if (deleted)
            return;
        var seen = See(id, stored);
        _objects[id] = seen;
        _byUid[seen.Uid] = id;
        foreach (var owner in seen.Owners)
            Add(_byOwner, owner.Uid, id);
        if (seen.Node.Length > 0)
        {
            Add(_byNode, seen.Node, id);
            Take(seen, 1);
        }
        else if (collection == "pods")
            _unbound.Add(id);
        Add(_byPlace, (id.Key.Namespace, collection), id);
    }

    private void Take(Seen pod, int sign)
    {
        if (!_taken.TryGetValue(pod.Node, out var taken))
            _taken[pod.Node] = taken = new Dictionary<string, decimal>(StringComparer.Ordinal);
        foreach (var (resource, amount) in pod.Requests)
            taken[resource] = taken.GetValueOrDefault(resource) + sign * amount;
    }

    private Seen See(ObjectId id, StoredObject stored)
    {
        var document = stored.Document();
        var metadata = document.Metadata();
        var isPod = id.Collection == "pods";
        return new Seen(id, stored.Uid, OwnersIn(metadata), metadata["deletionTimestamp"] is not null)
        {
            Node = isPod ? stored.Fields.GetValueOrDefault("spec.nodeName", "") : "",
            Requests = isPod && stored.Fields.GetValueOrDefault("status.phase") is not ("Succeeded" or "Failed") ? PodRequests.Of(document) : [],
        };
    }

    private void Forget(Seen seen)
    {
        _byUid.Remove(seen.Uid);
        foreach (var owner in seen.Owners)
            Remove(_byOwner, owner.Uid, seen.Id);
        if (seen.Node.Length > 0)
        {
            Remove(_byNode, seen.Node, seen.Id);
            Take(seen, -1);
        }

        _unbound.Remove(seen.Id);
        Remove(_byPlace, (seen.Id.Key.Namespace, seen.Id.Collection), seen.Id);
    }

    private List<Owner> OwnersIn(JsonObject metadata) => (metadata.Array("ownerReferences") ?? []).OfType<JsonObject>()
        .Select(owner => new Owner(owner.Text("uid") ?? "", CollectionOf(owner), owner.Flag("controller") ?? false, owner.Flag("blockOwnerDeletion") ?? false))
        .ToList();

    private string CollectionOf(JsonObject owner) => resources.All
        .FirstOrDefault(type => type.ApiVersion == owner.Text("apiVersion") && type.Kind == owner.Text("kind"))?.StoredIn ?? "";

    private static void Add<TKey>(Dictionary<TKey, SortedSet<ObjectId>> index, TKey key, ObjectId id)
        where TKey : notnull
    {
        if (!index.TryGetValue(key, out var ids))
            index[key] = ids = new SortedSet<ObjectId>(ById);
        ids.Add(id);
    }

    private static void Remove<TKey>(Dictionary<TKey, SortedSet<ObjectId>> index, TKey key, ObjectId id)
        where TKey : notnull
    {
        if (index.TryGetValue(key, out var ids) && ids.Remove(id) && ids.Count == 0)
            index.Remove(key);
    }
}
