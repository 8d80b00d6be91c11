namespace Science.Reporting;

/// <summary>What an experiment found, as a section of the page.</summary>
public sealed record Section
{
    public required string Title { get; init; }

    public required string Question { get; init; }

    /// <summary>Three to six lines.</summary>
    public required string Setup { get; init; }

    public required string Seeds { get; init; }

    public required IReadOnlyList<Table> Tables { get; init; }

    /// <summary>SVG by file name.</summary>
    internal IReadOnlyList<Plot> Plots { get; init; } = [];

    /// <summary>What the numbers mean beyond the checks; may be empty.</summary>
    public string Reading { get; init; } = "";

    public required string Refutation { get; init; }

    public required IReadOnlyList<Check> Checks { get; init; }

    public bool Holds => Checks.All(check => check.Holds);
}
