namespace KubeApi.Resources;

/// <summary>Something below an object, as discovery names it.</summary>
public sealed record SubresourceType(string Name, string Kind, params IReadOnlyList<string> Verbs)
{
    /// <summary>Where the kind is of another group than the resource.</summary>
    public string Group { get; init; } = "";

    public string Version { get; init; } = "";
}
