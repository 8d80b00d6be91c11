using System.Text.Json.Nodes;

namespace KubeApi.FieldOwnership;

/// <summary>A set of paths into an object, as managedFields write it: f:field, k:{keys}, v:value below each other.</summary>
public sealed class FieldSet
{
    private readonly SortedDictionary<string, FieldSet> _children = new(StringComparer.Ordinal);

    /// <summary>Whether the path that leads here is itself in the set (written "." where there is something below it).</summary>
    public bool IsMember { get; set; }

    public IEnumerable<KeyValuePair<string, FieldSet>> Children => _children;

    public bool IsEmpty => !IsMember && _children.Count == 0;

    public FieldSet? Below(string element) => _children.GetValueOrDefault(element);

    public FieldSet Add(string element)
    {
        if (!_children.TryGetValue(element, out var child))
            _children[element] = child = new FieldSet();
        return child;
    }

    public void Insert(IEnumerable<string> path)
    {
        var at = this;
        foreach (var element in path)
            at = at.Add(element);
        at.IsMember = true;
    }

    public static FieldSet FromJson(JsonObject? json)
    {
        var set = new FieldSet();
        foreach (var (element, below) in json ?? [])
        {
            if (element == ".")
            {
                set.IsMember = true;
                continue;
            }

            var child = FromJson(below as JsonObject);
            if (child._children.Count == 0)
                child.IsMember = true;
            set._children[element] = child;
        }

        return set;
    }

    public JsonObject ToJson()
    {
        var json = new JsonObject();
        if (IsMember && _children.Count > 0)
            json["."] = new JsonObject();
        foreach (var (element, child) in _children)
            json[element] = child.ToJson();
        return json;
    }

    public FieldSet Union(FieldSet? other)
    {
        var result = new FieldSet { IsMember = IsMember || other is { IsMember: true } };
        foreach (var (element, child) in _children)
            result._children[element] = child.Union(other?.Below(element));
        foreach (var (element, child) in other?._children ?? [])
            result._children.TryAdd(element, child.Union(null));
        return result;
    }

    public FieldSet Difference(FieldSet? other)
    {
        var result = new FieldSet { IsMember = IsMember && other is not { IsMember: true } };
        foreach (var (element, child) in _children)
        {
            var left = child.Difference(other?.Below(element));
            if (!left.IsEmpty)
                result._children[element] = left;
        }

        return result;
    }

    public FieldSet Intersection(FieldSet? other)
    {
        var result = new FieldSet { IsMember = IsMember && other is { IsMember: true } };
        foreach (var (element, child) in _children)
        {
            var both = child.Intersection(other?.Below(element));
            if (!both.IsEmpty)
                result._children[element] = both;
        }

        return result;
    }

    /// <summary>Drops whatever lies at or below the paths of another set.</summary>
    public FieldSet Without(FieldSet? branches)
    {
        if (branches is { IsMember: true })
            return new FieldSet();
        var result = new FieldSet { IsMember = IsMember };
        foreach (var (element, child) in _children)
        {
            var left = child.Without(branches?.Below(element));
            if (!left.IsEmpty)
                result._children[element] = left;
        }

        return result;
    }

    /// <summary>All paths of the set: at each level first the members, then what lies deeper.</summary>
    public IEnumerable<IReadOnlyList<string>> Paths() => Paths([]);

    public bool SameAs(FieldSet other) => ToJson().ToJsonString() == other.ToJson().ToJsonString();

    private IEnumerable<IReadOnlyList<string>> Paths(List<string> here)
    {
        foreach (var (element, child) in _children)
        {
            if (child.IsMember)
                yield return [.. here, element];
        }

        foreach (var (element, child) in _children)
        {
            foreach (var path in child.Paths([.. here, element]))
                yield return path;
        }
    }
}
