using System.Net;
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

    /// <summary>Port of /metrics and /status; 0: any free one; null: none is opened.</summary>
    public int? Port { get; init; }

    /// <summary>Address of that port.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>Open the live report in the user's browser; <see cref="Port"/> is given.</summary>
    public bool OpensReport { get; init; }

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
