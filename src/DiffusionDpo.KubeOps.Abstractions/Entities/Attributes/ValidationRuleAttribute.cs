namespace KubeOps.Abstractions.Entities.Attributes;

/// <summary>A CEL rule that the API server checks.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Class, AllowMultiple = true)]
public sealed class ValidationRuleAttribute(
    string rule, string? fieldPath = null, string? message = null, string? messageExpression = null, string? reason = null) : Attribute
{
    /// <summary>The CEL expression; true means valid.</summary>
    public string Rule { get; } = rule;

    /// <summary>The field at fault, relative to where the rule stands, beginning with a dot.</summary>
    public string? FieldPath { get; } = fieldPath;

    /// <summary>What the user reads.</summary>
    public string? Message { get; } = message;

    /// <summary>A CEL expression that makes the message.</summary>
    public string? MessageExpression { get; } = messageExpression;

    /// <summary>Machine-readable reason, such as FieldValueInvalid.</summary>
    public string? Reason { get; } = reason;
}
