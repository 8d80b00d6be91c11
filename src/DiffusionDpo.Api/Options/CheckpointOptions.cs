namespace DiffusionDpo.Api.Options;

/// <summary>When the state of training is saved, and for how long it is kept.</summary>
public sealed record CheckpointOptions
{
    /// <summary>Optimizer steps between two checkpoints. The last step and a stop are always saved.</summary>
    public int EverySteps { get; init; } = 100;

    /// <summary>How many of the newest checkpoints are kept.</summary>
    public int Keep { get; init; } = 3;

    /// <summary>Where checkpoints go. Unset: the directory checkpoints in <see cref="OutputOptions.Uri"/>.</summary>
    public string? Uri { get; init; }

    /// <summary>Seconds that a stopping pod gets to save its state.</summary>
    public int GracePeriodSeconds { get; init; } = 120;
}
