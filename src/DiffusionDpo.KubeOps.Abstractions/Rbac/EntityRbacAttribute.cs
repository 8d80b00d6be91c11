namespace KubeOps.Abstractions.Rbac;

/// <summary>A permission on kinds, given as types.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
public sealed class EntityRbacAttribute(params Type[] entities) : RbacAttribute
{
    /// <summary>The kinds.</summary>
    public IEnumerable<Type> Entities { get; } = entities;

    /// <summary>What may be done with them.</summary>
    public RbacVerb Verbs { get; init; }
}
