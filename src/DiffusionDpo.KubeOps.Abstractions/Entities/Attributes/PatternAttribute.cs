namespace KubeOps.Abstractions.Entities.Attributes;

/// <summary>Regular expression (ECMA 262, unanchored) that the string must match.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class PatternAttribute(string regexPattern) : Attribute
{
    /// <summary>The expression.</summary>
    public string RegexPattern { get; } = regexPattern;
}
