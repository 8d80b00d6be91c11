namespace DiffusionDpo.Cli.Reports;

/// <summary>How a finding is meant; the heaviest first.</summary>
internal enum FindingWeight
{
    /// <summary>Something is wrong.</summary>
    Alarm,

    /// <summary>Something to look at.</summary>
    Note,

    /// <summary>All is well.</summary>
    Fine,
}
