namespace KubeOps.Abstractions.Entities.Attributes;

/// <summary>Bounds on the number of items of a list.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ItemsAttribute(long minItems = -1, long maxItems = -1) : Attribute
{
    /// <summary>Fewest items, or null.</summary>
    public long? MinItems { get; } = minItems < 0 ? null : minItems;

    /// <summary>Most items, or null.</summary>
    public long? MaxItems { get; } = maxItems < 0 ? null : maxItems;
}
