namespace KubeOps.Abstractions.Entities.Attributes;

/// <summary>Smallest value of a number.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class RangeMinimumAttribute(double minimum, bool exclusiveMinimum = false) : Attribute
{
    /// <summary>The bound.</summary>
    public double Minimum { get; } = minimum;

    /// <summary>Whether the bound itself is outside.</summary>
    public bool ExclusiveMinimum { get; } = exclusiveMinimum;
}
