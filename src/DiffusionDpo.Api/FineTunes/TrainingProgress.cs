namespace DiffusionDpo.Api.FineTunes;

/// <summary>How far training is. Part of the status, and of what a trainer answers on /status.</summary>
public sealed record TrainingProgress
{
    /// <summary>Optimizer steps done.</summary>
    public required int Step { get; init; }

    /// <summary>Optimizer steps to do.</summary>
    public required int TotalSteps { get; init; }

    /// <summary>Mean loss of the last step's pairs.</summary>
    public double? Loss { get; init; }

    /// <summary>Share of the last step's pairs on which the policy agrees with the preference, ties counted ½.</summary>
    public double? ImplicitAccuracy { get; init; }

    /// <summary>Pairs per second over all ranks.</summary>
    public double? PairsPerSecond { get; init; }

    /// <summary>Seconds until the last step, at the present speed.</summary>
    public double? EtaSeconds { get; init; }

    /// <summary>When these numbers were taken.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }
}
