namespace KubeApi.Http;

/// <summary>What a resource path means: /api/v1/... or /apis/GROUP/VERSION/..., as authorisation and routing both read it.</summary>
public sealed record RequestTarget(string Group, string Version, string Namespace, string Resource, string Name, string Subresource)
{
    /// <summary>Null for paths that are no resources (discovery, health).</summary>
    public static RequestTarget? Parse(string path)
    {
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        return parts switch
        {
            ["api", var version, .. var rest] when rest.Length > 0 => Below("", version, rest),
            ["apis", var group, var version, .. var rest] when rest.Length > 0 => Below(group, version, rest),
            _ => null,
        };
    }

    private static RequestTarget? Below(string group, string version, string[] rest) => rest switch
    {
        ["namespaces", var name, "finalize" or "status"] => new(group, version, name, "namespaces", name, rest[2]),
        ["namespaces", var space, var resource, .. var more] => Named(group, version, space, resource, more),
        ["namespaces", var name] => new(group, version, name, "namespaces", name, ""),
        [var resource, .. var more] => Named(group, version, "", resource, more),
        _ => null,
    };

    private static RequestTarget? Named(string group, string version, string space, string resource, string[] more) => more switch
    {
        [] => new(group, version, space, resource, "", ""),
        [var name] => new(group, version, space, resource, name, ""),
        [var name, .. var sub] => new(group, version, space, resource, name, string.Join('/', sub)),
    };
}
