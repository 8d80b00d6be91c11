namespace DiffusionDpo.Training.Memory.Simulation;

/// <summary>Memory of a tensor, as long as anybody holds it: a dispose scope, autograd, a view.</summary>
/// <param name="bytes">Its size.</param>
internal sealed class Block(long bytes)
{
    public long Bytes => bytes;

    /// <summary>How many hold it.</summary>
    public int Holders { get; set; } = 1;
}
