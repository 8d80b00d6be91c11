namespace DiffusionDpo.Training.Memory.Simulation;

/// <summary>What an operator needs besides its inputs and its output; bytes.</summary>
internal sealed record Operation
{
    /// <summary>Inputs that its backward pass reads.</summary>
    public IReadOnlyList<SimulatedTensor> Saves { get; init; } = [];

    /// <summary>Whether its backward pass reads its output.</summary>
    public bool SavesOutput { get; init; }

    /// <summary>Other numbers for the backward pass: means, normalisers.</summary>
    public long Statistics { get; init; }

    /// <summary>The kernel's own copies, forward.</summary>
    public long Scratch { get; init; }

    /// <summary>The same backward.</summary>
    public long BackwardScratch { get; init; }

    /// <summary>Gradient of its trained weights, until it is added to that of the step; 0: none is trained.</summary>
    public long WeightGradient { get; init; }

    /// <summary>Whether the gradient of its inputs is that of its output, or a view of it.</summary>
    public bool PassesGradient { get; init; }
}
