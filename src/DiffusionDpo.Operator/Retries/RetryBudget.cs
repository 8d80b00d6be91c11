namespace DiffusionDpo.Operator.Retries;

/// <summary>Which part of the retry policy a restart uses up.</summary>
internal enum RetryBudget
{
    /// <summary>There is no restart.</summary>
    None,

    /// <summary>None: nobody's fault, as often as it happens.</summary>
    Free,

    /// <summary>One restart for this class until there is a newer checkpoint.</summary>
    Once,

    /// <summary>maxInfraRestarts.</summary>
    Infrastructure,

    /// <summary>maxRestarts.</summary>
    Application,
}
