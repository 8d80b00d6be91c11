namespace DiffusionDpo.Cli.Stages;

/// <summary>A completed optimizer step as a run's log has it; null where the objective has no such number.</summary>
internal sealed record LoggedStep
{
    /// <summary>When it was complete.</summary>
    public DateTimeOffset Time { get; init; }

    /// <summary>Completed steps.</summary>
    public int Step { get; init; }

    /// <summary>Steps of the run.</summary>
    public int TotalSteps { get; init; }

    /// <summary>Mean loss of its pairs.</summary>
    public double Loss { get; init; }

    /// <summary>Share of its pairs on which the policy agrees with the preference.</summary>
    public double? ImplicitAccuracy { get; init; }

    /// <summary>Mean logit.</summary>
    public double? RewardMargin { get; init; }

    /// <summary>Mean E_θ − E_ref of the winners.</summary>
    public double? WinnerErrorExcess { get; init; }

    /// <summary>Mean E_θ − E_ref of the losers.</summary>
    public double? LoserErrorExcess { get; init; }

    /// <summary>Mean E_ref of the winners.</summary>
    public double? ReferenceError { get; init; }

    /// <summary>L2 norm of the gradient before clipping.</summary>
    public double GradNorm { get; init; }

    /// <summary>The rate of the step.</summary>
    public double LearningRate { get; init; }

    /// <summary>Throughput of the recent steps.</summary>
    public double PairsPerSecond { get; init; }

    /// <summary>Seconds in each phase, by its name.</summary>
    public IReadOnlyDictionary<string, double> PhaseSeconds { get; init; } = new Dictionary<string, double>();
}
