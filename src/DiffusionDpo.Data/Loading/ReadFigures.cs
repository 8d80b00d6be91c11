namespace DiffusionDpo.Data.Loading;

/// <summary>What a loader has read of its sources.</summary>
/// <param name="Groups">Row groups, counted as often as they were read.</param>
/// <param name="Reads">Ranged reads.</param>
/// <param name="Bytes">Bytes that were read, indexes included.</param>
/// <param name="NeededBytes">Bytes that hold a wanted row (of its column chunks, members or images), counted once per epoch.</param>
public readonly record struct ReadFigures(long Groups, long Reads, long Bytes, long NeededBytes)
{
    /// <summary>Bytes read over bytes needed: 1 is the least.</summary>
    public double Amplification => NeededBytes == 0 ? 1 : (double)Bytes / NeededBytes;
}
