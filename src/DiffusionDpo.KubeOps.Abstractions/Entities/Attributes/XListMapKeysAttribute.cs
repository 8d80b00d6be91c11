namespace KubeOps.Abstractions.Entities.Attributes;

/// <summary>The properties that identify an item of a map-like list.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class XListMapKeysAttribute(params string[] keys) : Attribute
{
    /// <summary>Names of the properties.</summary>
    public IReadOnlyList<string> Keys { get; } = keys;
}
