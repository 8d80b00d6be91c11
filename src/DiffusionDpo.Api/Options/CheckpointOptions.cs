using KubeOps.Abstractions.Entities.Attributes;

namespace DiffusionDpo.Api.Options;

/// <summary>When the state of training is saved, and for how long it is kept.</summary>
public sealed record CheckpointOptions
{
    /// <summary>Optimizer steps between two checkpoints. The last step and a stop are always saved.</summary>
    [RangeMinimum(1), RangeMaximum(10_000_000)]
    public int EverySteps { get; init; } = 100;

    /// <summary>How many of the newest checkpoints are kept.</summary>
    [RangeMinimum(1), RangeMaximum(1000)]
    public int Keep { get; init; } = 3;

    /// <summary>Where checkpoints go. Unset: the directory checkpoints in output.uri.</summary>
    [Length(1, 1024), Pattern(TextPatterns.Location)]
    public string? Uri { get; init; }

    /// <summary>Seconds that a stopping pod gets to save its state.</summary>
    [RangeMinimum(1), RangeMaximum(3600)]
    public int GracePeriodSeconds { get; init; } = 120;
}
