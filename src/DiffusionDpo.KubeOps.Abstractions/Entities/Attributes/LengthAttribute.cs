namespace KubeOps.Abstractions.Entities.Attributes;

/// <summary>Bounds on the number of characters of a string.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class LengthAttribute(long minLength = -1, long maxLength = -1) : Attribute
{
    /// <summary>Fewest characters, or null.</summary>
    public long? MinLength { get; } = minLength < 0 ? null : minLength;

    /// <summary>Most characters, or null.</summary>
    public long? MaxLength { get; } = maxLength < 0 ? null : maxLength;
}
