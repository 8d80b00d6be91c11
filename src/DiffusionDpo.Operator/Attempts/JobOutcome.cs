namespace DiffusionDpo.Operator.Attempts;

/// <summary>How a Job ended.</summary>
internal enum JobOutcome
{
    /// <summary>All pods succeeded.</summary>
    Complete,

    /// <summary>One failed, or it was given up.</summary>
    Failed,
}
