namespace KubeOps.Abstractions.Entities.Attributes;

/// <summary>Bounds on the number of entries of a map.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class PropertyLimitsAttribute(long minProperties = -1, long maxProperties = -1) : Attribute
{
    /// <summary>Fewest entries, or null.</summary>
    public long? MinProperties { get; } = minProperties < 0 ? null : minProperties;

    /// <summary>Most entries, or null.</summary>
    public long? MaxProperties { get; } = maxProperties < 0 ? null : maxProperties;
}
