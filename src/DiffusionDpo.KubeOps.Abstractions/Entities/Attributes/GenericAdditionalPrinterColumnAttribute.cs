namespace KubeOps.Abstractions.Entities.Attributes;

/// <summary>Shows what a JSON path finds as a column in listings.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
public sealed class GenericAdditionalPrinterColumnAttribute(string jsonPath, string name, string type) : Attribute
{
    /// <summary>Path from the object's root, beginning with a dot.</summary>
    public string JsonPath { get; } = jsonPath;

    /// <summary>Heading of the column.</summary>
    public string Name { get; } = name;

    /// <summary>OpenAPI type: string, integer, number, boolean or date.</summary>
    public string Type { get; } = type;

    /// <summary>What the column shows.</summary>
    public string? Description { get; init; }

    /// <summary>OpenAPI format.</summary>
    public string? Format { get; init; }

    /// <summary>In which listings the column is shown.</summary>
    public PrinterColumnPriority Priority { get; init; }
}
