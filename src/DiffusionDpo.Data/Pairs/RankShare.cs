namespace DiffusionDpo.Data.Pairs;

/// <summary>
/// What one rank of several takes of every global batch. The batch is the same for any number of ranks; each takes an equal part of it, lane by
/// lane, so that ranks whose number divides <see cref="PairOrder.MostLanes"/> read different row groups.
/// </summary>
public sealed record RankShare
{
    /// <summary>One rank, which takes everything.</summary>
    public static RankShare Whole { get; } = new(0, 1, 1);

    /// <summary>The share of a rank.</summary>
    /// <param name="rank">From 0.</param>
    /// <param name="world">Number of ranks.</param>
    /// <param name="globalBatch">Pairs of all ranks together per optimizer step, a multiple of <paramref name="world"/>.</param>
    public RankShare(int rank, int world, int globalBatch)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(world, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(rank);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(rank, world);
        if (globalBatch < 1 || globalBatch % world != 0) throw new ArgumentException($"{world} ranks cannot share batches of {globalBatch}", nameof(globalBatch));
        (Rank, World, GlobalBatch) = (rank, world, globalBatch);
    }

    /// <summary>Which rank, from 0.</summary>
    public int Rank { get; }

    /// <summary>Number of ranks.</summary>
    public int World { get; }

    /// <summary>Pairs of all ranks together per optimizer step.</summary>
    public int GlobalBatch { get; }

    /// <summary>The global indexes that this rank takes, ascending within each batch, without end.</summary>
    /// <param name="order">The order.</param>
    /// <param name="first">Where the first batch begins.</param>
    internal IEnumerable<long> IndexesFrom(PairOrder order, long first)
    {
        var each = GlobalBatch / World;
        for (; ; first += GlobalBatch)
        {
            var mine = World == 1
                ? LongRange(first)
                : LongRange(first).OrderBy(order.LaneOf).Skip(Rank * each).Take(each).Order(); // OrderBy keeps the order of equals
            foreach (var index in mine)
                yield return index;
        }
    }

    private IEnumerable<long> LongRange(long first) => Enumerable.Range(0, GlobalBatch).Select(number => first + number);
}
