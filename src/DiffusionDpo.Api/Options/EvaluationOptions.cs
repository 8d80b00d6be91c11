using KubeOps.Abstractions.Entities.Attributes;

namespace DiffusionDpo.Api.Options;

/// <summary>What is measured besides the training loss.</summary>
public sealed record EvaluationOptions
{
    /// <summary>
    /// Optimizer steps between two measurements of held-out implicit accuracy; 0: only before the first and after the last step.
    /// </summary>
    [RangeMinimum(0), RangeMaximum(10_000_000)]
    public int HeldOutEverySteps { get; init; }

    /// <summary>Held-out pairs that are measured at most.</summary>
    [RangeMinimum(1), RangeMaximum(1_000_000)]
    public int HeldOutPairs { get; init; } = 256;

    /// <summary>Timesteps per held-out pair, spread evenly over the schedule.</summary>
    [RangeMinimum(1), RangeMaximum(1000)]
    public int TimestepsPerPair { get; init; } = 4;

    /// <summary>What is drawn for people to compare.</summary>
    public SampleOptions Samples { get; init; } = new();
}
