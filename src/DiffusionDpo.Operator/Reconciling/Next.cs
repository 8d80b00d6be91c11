namespace DiffusionDpo.Operator.Reconciling;

/// <summary>How a reconciliation goes on after a step.</summary>
internal enum Next
{
    /// <summary>With the next step.</summary>
    Step,

    /// <summary>With the report: nothing else is to be decided now.</summary>
    Report,
}
