using DiffusionDpo.Cli.Display;

namespace DiffusionDpo.Cli.Stages;

/// <summary>What a stage gets from its process.</summary>
internal sealed record StageContext
{
    /// <summary>Where progress is shown.</summary>
    public required IRunDisplay Display { get; init; }

    /// <summary>The run's own log, for what the user is told elsewhere.</summary>
    public IRunDisplay? Log { get; init; }

    /// <summary>The clock.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>What the process answers on its port.</summary>
    public StatusPort Port { get; init; } = new();

    /// <summary>Pass over a corrupt newest checkpoint.</summary>
    public bool PassOverCorruptCheckpoints { get; init; }

    /// <summary>Go on from a checkpoint before this step.</summary>
    public int? ResumeBeforeStep { get; init; }

    /// <summary>Start what does not fit into memory by its plan.</summary>
    public bool IgnoresMemoryPlan { get; init; }

    /// <summary>The user's request to stop.</summary>
    public required CancellationToken Stop { get; init; }

    /// <summary>How far the process came, for its last words.</summary>
    public LastWords LastWords { get; } = new();
}
