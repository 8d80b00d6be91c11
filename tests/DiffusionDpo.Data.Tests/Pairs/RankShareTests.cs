using System.Security.Cryptography;
using System.Runtime.InteropServices;
using DiffusionDpo.Data.Pairs;
using Xunit;

namespace DiffusionDpo.Data.Tests.Pairs;

public sealed class RankShareTests
{
    private const int Batch = 48;

    private static readonly PairManifest Manifest = SyntheticManifest.Of(shards: 4, groupsPerShard: 90, rowsPerGroup: 17); // 16 lanes

    public static TheoryData<string> Worlds => ["1", "2", "3", "4", "8", "16", "48", "1 2 16 4 8", "16 1 16", "8 3 6"];

    [Theory]
    [MemberData(nameof(Worlds))]
    public void The_sequence_of_pairs_is_the_same_for_any_number_of_ranks_and_through_changes_of_it(string worlds)
    {
        var order = new PairOrder(Manifest, 7);
        var batches = 5 * Manifest.Pairs / Batch / 2; // two and a half epochs
        var expected = Enumerable.Range(0, batches * Batch).Select(index => order.PairAt(index));
        Assert.Equal(Hash([.. expected]), Hash(Sequence(worlds, batches)));
    }

    [Theory]
    [MemberData(nameof(Worlds))]
    public void An_epoch_loses_and_repeats_no_pair(string worlds)
    {
        var pairs = Sequence(worlds, (Manifest.Pairs + Batch - 1) / Batch);
        Assert.Equal(Enumerable.Range(0, Manifest.Pairs), pairs.Take(Manifest.Pairs).Order());
    }

    [Fact]
    public void Every_rank_has_its_indexes_in_order_and_no_more_than_its_part()
    {
        var order = new PairOrder(Manifest, 7);
        for (var rank = 0; rank < 16; rank++)
        {
            var mine = new RankShare(rank, 16, Batch).IndexesFrom(order, 3 * Batch).Take(30).ToArray();
            Assert.Equal(mine.Order(), mine);
            Assert.Equal(Enumerable.Range(0, 30).Select(number => 3L + (number / 3)), mine.Select(index => index / Batch));
        }
    }

    [Theory]
    [InlineData(0, 3, 16)]
    [InlineData(-1, 2, 16)]
    [InlineData(2, 2, 16)]
    [InlineData(0, 0, 16)]
    [InlineData(0, 1, 0)]
    public void Shares_that_do_not_come_out_even_are_refused(int rank, int world, int batch) =>
        Assert.ThrowsAny<ArgumentException>(() => new RankShare(rank, world, batch));

    // Group reads over those of one rank alone, for an epoch of Pick-a-Pic v2 in groups of 100 rows, batches of 2048.
    [Theory]
    [InlineData(89, 1, 1.01)]
    [InlineData(89, 2, 1.01)]
    [InlineData(89, 4, 1.01)]
    [InlineData(89, 8, 1.01)]
    [InlineData(89, 16, 1.01)]
    [InlineData(89, 32, 2.01)] // two ranks in each lane
    [InlineData(888, 2, 1.01)] // groups of 1000 rows: two lanes
    [InlineData(888, 4, 2.01)]
    [InlineData(888, 8, 4.01)]
    [InlineData(888, 16, 8.01)]
    public void Ranks_do_not_read_the_same_groups_as_long_as_there_are_lanes_for_them(int groupSize, int world, double most)
    {
        var sizes = Enumerable.Repeat(groupSize, 200_000 / groupSize).ToArray(); // a fifth of it
        var order = new PairOrder(sizes, 3);
        var reads = Enumerable.Range(0, world).Sum(rank => Visits(order, new RankShare(rank, world, 2048), order.Pairs / 2048)
            .Select(visit => (visit.Window, visit.Pair / groupSize)).Distinct().Count());
        var amplification = (double)reads / sizes.Length;
        TestContext.Current.TestOutputHelper?.WriteLine($"groups of {groupSize}, {order.Lanes} lanes, {world} ranks: {amplification:F3}");
        Assert.InRange(amplification, 0.9, most + (order.Lanes / (double)sizes.Length));
    }

    private static IEnumerable<OrderedVisit> Visits(PairOrder order, RankShare share, int batches, long first = 0) =>
        share.IndexesFrom(order, first).Take(batches * share.GlobalBatch / share.World).Select(order.VisitAt);

    /// <summary>What all ranks together are given, by the global index, with another number of ranks in every part of the batches.</summary>
    private static int[] Sequence(string worldsInTurn, int batches)
    {
        int[] worlds = [.. worldsInTurn.Split(' ').Select(int.Parse)];
        var (visits, cursor, piece) = (new List<OrderedVisit>(), 0L, (batches + worlds.Length - 1) / worlds.Length);
        foreach (var world in worlds)
        {
            var count = (int)Math.Min(piece, batches - (cursor / Batch));
            for (var rank = 0; rank < world; rank++)
                visits.AddRange(Visits(new PairOrder(Manifest, 7), new RankShare(rank, world, Batch), count, cursor));
            cursor += (long)count * Batch;
        }

        Assert.Equal(batches * Batch, visits.Select(visit => visit.GlobalIndex).Distinct().Count());
        return [.. visits.OrderBy(visit => visit.GlobalIndex).Select(visit => visit.Pair)];
    }

    private static string Hash(int[] pairs) => Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes(pairs.AsSpan())));
}
