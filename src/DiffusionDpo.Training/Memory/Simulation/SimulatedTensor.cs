namespace DiffusionDpo.Training.Memory.Simulation;

/// <summary>A tensor without numbers: what it takes, and whether autograd follows it.</summary>
/// <param name="block">Its memory.</param>
/// <param name="positions">Pixels or tokens of one image.</param>
/// <param name="channels">Numbers of each.</param>
internal sealed class SimulatedTensor(Block block, long positions, long channels)
{
    public Block Block => block;

    public long Positions => positions;

    public long Channels => channels;

    /// <summary>Whether the loss depends on it by way of something that is trained.</summary>
    public bool NeedsGradient { get; set; }

    /// <summary>The gradient that has come in so far.</summary>
    public Block? Gradient { get; set; }
}
