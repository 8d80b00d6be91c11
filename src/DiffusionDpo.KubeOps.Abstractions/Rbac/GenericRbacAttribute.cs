namespace KubeOps.Abstractions.Rbac;

/// <summary>A permission on resources, given by name.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
public sealed class GenericRbacAttribute : RbacAttribute
{
    /// <summary>API groups.</summary>
    public string[] Groups { get; init; } = [];

    /// <summary>Resources in the plural, with /status or the like for a subresource.</summary>
    public string[] Resources { get; init; } = [];

    /// <summary>Paths outside of resources.</summary>
    public string[] Urls { get; init; } = [];

    /// <summary>What may be done with them.</summary>
    public RbacVerb Verbs { get; init; }
}
