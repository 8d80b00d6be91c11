namespace KubeApi.Resources;

/// <summary>All resources served now, builtin and custom.</summary>
public sealed class ResourceRegistry
{
    private readonly Lock _gate = new();
    private volatile IReadOnlyList<ResourceType> _types = [];

    public IReadOnlyList<ResourceType> All => _types;

    public ResourceType? Find(string group, string version, string plural)
    {
        foreach (var type in _types)
        {
            if (type.Plural == plural && type.Group == group && type.Version == version)
                return type;
        }

        return null;
    }

    public ResourceType Get(string group, string plural) =>
        _types.FirstOrDefault(type => type.Group == group && type.Plural == plural)
        ?? throw new InvalidOperationException($"no resource {plural}.{group} is served");

    /// <summary>Adds a resource, or replaces the one of the same group, version and plural.</summary>
    public void Serve(ResourceType added)
    {
        lock (_gate)
        {
            _types = [.. _types.Where(type => !Same(type, added)), added];
        }
    }

    public void Withdraw(string group, string plural)
    {
        lock (_gate)
        {
            _types = [.. _types.Where(type => type.Group != group || type.Plural != plural)];
        }
    }

    private static bool Same(ResourceType left, ResourceType right) =>
        left.Group == right.Group && left.Version == right.Version && left.Plural == right.Plural;
}
