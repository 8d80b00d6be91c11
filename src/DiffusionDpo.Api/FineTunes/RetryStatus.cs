using KubeOps.Abstractions.Entities.Attributes;

namespace DiffusionDpo.Api.FineTunes;

/// <summary>What is used up of a run's retry policy, and how the next attempt begins.</summary>
public sealed record RetryStatus
{
    /// <summary>Restarts after failures of the program.</summary>
    public int Restarts { get; init; }

    /// <summary>Restarts after failures of machines, network and storage.</summary>
    public int InfraRestarts { get; init; }

    /// <summary>Restarts in a row without a newer checkpoint; preemptions are not counted.</summary>
    public int WithoutProgress { get; init; }

    /// <summary>Exit classes that get one retry and had it.</summary>
    [Items(0, 16), Length(1, 63)]
    public IReadOnlyList<string> UsedOnce { get; init; } = [];

    /// <summary>Step of the newest checkpoint that counted as progress.</summary>
    public int? BestStep { get; init; }

    /// <summary>The next attempt starts no earlier.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>The next attempt goes on from a checkpoint before this step: training diverged after the newest one.</summary>
    public int? ResumeBeforeStep { get; init; }

    /// <summary>The next attempt may pass over a newest checkpoint that is corrupt.</summary>
    public bool PassOverCorrupt { get; init; }
}
