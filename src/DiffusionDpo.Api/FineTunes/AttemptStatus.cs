using DiffusionDpo.Api.Plans;
using KubeOps.Abstractions.Entities.Attributes;

namespace DiffusionDpo.Api.FineTunes;

/// <summary>One try at a stage.</summary>
public sealed record AttemptStatus
{
    /// <summary>The stage.</summary>
    public required Stage Stage { get; init; }

    /// <summary>Number of the attempt within the run, from 1.</summary>
    public required int Number { get; init; }

    /// <summary>When its Job was created. Unset: it is about to be.</summary>
    public DateTimeOffset? StartTime { get; init; }

    /// <summary>When its last pod had ended.</summary>
    public DateTimeOffset? EndTime { get; init; }

    /// <summary>Why the operator is ending it: Suspended or DeadlineExceeded.</summary>
    [Length(maxLength: 63)]
    public string? Stopping { get; init; }

    /// <summary>How it ended. Unset: it is going on.</summary>
    [Length(maxLength: 63)]
    public string? Class { get; init; }

    /// <summary>The rank that failed first.</summary>
    public int? Rank { get; init; }

    /// <summary>The node of that rank.</summary>
    [Length(maxLength: 253)]
    public string? Node { get; init; }

    /// <summary>What that rank said last.</summary>
    [Length(maxLength: 1024)]
    public string? Message { get; init; }

    /// <summary>Optimizer steps done before it.</summary>
    public int? StartStep { get; init; }

    /// <summary>Optimizer steps done after it.</summary>
    public int? EndStep { get; init; }

    /// <summary>GPU seconds it held.</summary>
    public double? GpuSeconds { get; init; }

    /// <summary>GPU seconds of steps that no checkpoint kept.</summary>
    public double? LostGpuSeconds { get; init; }
}
