namespace DiffusionDpo.Api.Options;

/// <summary>What is measured besides the training loss.</summary>
public sealed record EvaluationOptions
{
    /// <summary>Optimizer steps between two measurements of held-out implicit accuracy; 0: only before the first and after the last step.</summary>
    public int HeldOutEverySteps { get; init; }

    /// <summary>Held-out pairs that are measured at most.</summary>
    public int HeldOutPairs { get; init; } = 256;

    /// <summary>Timesteps per held-out pair, spread evenly over the schedule.</summary>
    public int TimestepsPerPair { get; init; } = 4;
}
