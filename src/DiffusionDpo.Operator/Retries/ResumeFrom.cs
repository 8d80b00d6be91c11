namespace DiffusionDpo.Operator.Retries;

/// <summary>Where the next attempt goes on.</summary>
internal enum ResumeFrom
{
    /// <summary>At the newest checkpoint.</summary>
    Newest,

    /// <summary>At the newest checkpoint that is not corrupt.</summary>
    NewestSound,

    /// <summary>At the checkpoint before the newest.</summary>
    Previous,
}
