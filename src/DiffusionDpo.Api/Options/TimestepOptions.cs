using KubeOps.Abstractions.Entities.Attributes;

namespace DiffusionDpo.Api.Options;

/// <summary>A range of timesteps, both ends included; 0 is nearly clean, the last nearly pure noise.</summary>
public sealed record TimestepOptions
{
    /// <summary>The least timestep.</summary>
    [RangeMinimum(0), RangeMaximum(999)]
    public int Min { get; init; }

    /// <summary>The greatest timestep; every supported model has 0 to 999.</summary>
    [RangeMinimum(0), RangeMaximum(999)]
    public int Max { get; init; } = 999;
}
