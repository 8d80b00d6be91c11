namespace KubeOps.Abstractions.Entities.Attributes;

/// <summary>Whether objects of the kind live in a namespace or in the cluster.</summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class EntityScopeAttribute(EntityScope scope = default) : Attribute
{
    /// <summary>The scope.</summary>
    public EntityScope Scope { get; } = scope;
}
