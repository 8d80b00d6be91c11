namespace DiffusionDpo.Api.Plans;

/// <summary>Environment variables through which whoever starts a trainer process speaks to it.</summary>
public static class EnvironmentKeys
{
    /// <summary>The file that gets the process's last words. Unset: none is written.</summary>
    public const string TerminationLog = "DDPO_TERMINATION_LOG";
}
