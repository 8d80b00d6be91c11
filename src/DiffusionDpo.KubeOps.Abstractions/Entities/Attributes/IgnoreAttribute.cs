namespace KubeOps.Abstractions.Entities.Attributes;

/// <summary>The property is not part of the schema, the class no kind to generate.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Class)]
public sealed class IgnoreAttribute : Attribute;
