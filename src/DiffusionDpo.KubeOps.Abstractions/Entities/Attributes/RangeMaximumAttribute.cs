namespace KubeOps.Abstractions.Entities.Attributes;

/// <summary>Largest value of a number.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class RangeMaximumAttribute(double maximum, bool exclusiveMaximum = false) : Attribute
{
    /// <summary>The bound.</summary>
    public double Maximum { get; } = maximum;

    /// <summary>Whether the bound itself is outside.</summary>
    public bool ExclusiveMaximum { get; } = exclusiveMaximum;
}
