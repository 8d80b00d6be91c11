namespace KubeOps.Abstractions.Entities.Attributes;

/// <summary>Default that the API server fills in.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Class)]
public sealed class DefaultValueAttribute : Attribute
{
    /// <summary>A truth value.</summary>
    public DefaultValueAttribute(bool value) => Value = value;

    /// <summary>A whole number.</summary>
    public DefaultValueAttribute(long value) => Value = value;

    /// <summary>A number.</summary>
    public DefaultValueAttribute(double value) => Value = value;

    /// <summary>A text, or JSON where <see cref="Json"/> is set.</summary>
    public DefaultValueAttribute(string value) => Value = value;

    /// <summary>Whether <see cref="Value"/> is JSON text.</summary>
    public bool Json { get; init; }

    /// <summary>The default.</summary>
    public object Value { get; }
}
