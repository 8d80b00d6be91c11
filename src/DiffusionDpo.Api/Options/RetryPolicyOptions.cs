namespace DiffusionDpo.Api.Options;

/// <summary>How often a failed stage is tried again. Preemptions are free and unlimited.</summary>
public sealed record RetryPolicyOptions
{
    /// <summary>Restarts after failures of the program.</summary>
    public int MaxRestarts { get; init; } = 3;

    /// <summary>Restarts after failures of machines, network and storage.</summary>
    public int MaxInfraRestarts { get; init; } = 10;

    /// <summary>Restarts in a row without a newer checkpoint that end the run.</summary>
    public int NoProgressLimit { get; init; } = 3;

    /// <summary>The wait before a restart.</summary>
    public BackoffOptions Backoff { get; init; } = new();

    /// <summary>Whether a newer checkpoint gives all restarts back.</summary>
    public bool ResetAfterProgress { get; init; } = true;
}

/// <summary>A wait that doubles, with jitter.</summary>
public sealed record BackoffOptions
{
    /// <summary>Seconds before the first restart.</summary>
    public int InitialSeconds { get; init; } = 10;

    /// <summary>Seconds at most.</summary>
    public int MaxSeconds { get; init; } = 600;
}
