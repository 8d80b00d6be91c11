namespace KubeOps.Abstractions.Entities.Attributes;

/// <summary>Shows the property as a column in listings.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class AdditionalPrinterColumnAttribute(PrinterColumnPriority priority = default, string? name = null) : Attribute
{
    /// <summary>Heading of the column. Unset: the property's name.</summary>
    public string? Name { get; } = name;

    /// <summary>In which listings the column is shown.</summary>
    public PrinterColumnPriority Priority { get; } = priority;
}
