namespace KubeOps.Abstractions.Entities;

/// <summary>In which listings a column is shown.</summary>
public enum PrinterColumnPriority
{
    /// <summary>In every listing.</summary>
    StandardView,

    /// <summary>Only in wide listings.</summary>
    WideView,
}
