using CsCheck;
using DiffusionDpo.Data.Pairs;
using Xunit;

namespace DiffusionDpo.Data.Tests.Pairs;

public sealed class PairOrderTests
{
    private static readonly Gen<int[]> GroupSizes = Gen.Int[1, 300].Array[1, 40];

    [Fact]
    public void Every_epoch_visits_every_pair_once() =>
        (from sizes in GroupSizes from seed in Gen.Long from epoch in Gen.Int[0, 1000] select (sizes, seed, epoch)).Sample(
            pick => Assert.Equal(Enumerable.Range(0, pick.sizes.Sum()), Epoch(new PairOrder(pick.sizes, pick.seed), pick.epoch).Order()));

    [Fact]
    public void Any_index_is_reached_directly() =>
        (from sizes in GroupSizes from seed in Gen.Long from start in Gen.Int[0, 5000] select (sizes, seed, start)).Sample(pick =>
        {
            var walked = new PairOrder(pick.sizes, pick.seed);
            for (long index = 0; index < pick.start; index += 97)
                walked.PairAt(index);
            var resumed = new PairOrder(pick.sizes, pick.seed);
            for (long index = pick.start; index < pick.start + 20; index++)
                Assert.Equal(walked.PairAt(index), resumed.PairAt(index));
        });

    [Fact]
    public void Epochs_and_seeds_differ()
    {
        int[] sizes = [100, 100, 50];
        var order = new PairOrder(sizes, 1);
        Assert.NotEqual(Epoch(order, 0), Epoch(order, 1));
        Assert.NotEqual(Epoch(order, 0), Epoch(new PairOrder(sizes, 2), 0));
    }

    [Fact]
    public void Small_sets_are_shuffled_uniformly()
    {
        // all 24 orders of 4 pairs in 2 groups equally often: chi-square, 23 degrees of freedom, p = 0.001 at 49.7
        const int perOrder = 500;
        var counts = new Dictionary<string, int>();
        var order = new PairOrder([3, 1], 11);
        for (var epoch = 0; epoch < 24 * perOrder; epoch++)
        {
            var key = string.Join(',', Epoch(order, epoch));
            counts[key] = counts.GetValueOrDefault(key) + 1;
        }

        Assert.Equal(24, counts.Count);
        Assert.True(counts.Values.Sum(count => Math.Pow(count - perOrder, 2) / perOrder) < 49.7);
    }

    [Fact]
    public void In_large_sets_every_pair_is_equally_likely_at_every_place()
    {
        // 8 groups of 512 pairs make 4 windows: which one holds pair 0?
        const int epochs = 2000;
        var windows = new int[4];
        var order = new PairOrder([.. Enumerable.Repeat(512, 8)], 5);
        for (long epoch = 0; epoch < epochs; epoch++)
        {
            for (var window = 0; window < 4; window++)
            {
                for (var place = 0; place < PairOrder.WindowPairs; place++)
                {
                    if (order.PairAt((epoch * order.Pairs) + (window * PairOrder.WindowPairs) + place) != 0) continue;
                    windows[window]++;
                }
            }
        }

        Assert.Equal(epochs, windows.Sum());
        Assert.True(windows.Sum(count => Math.Pow(count - (epochs / 4.0), 2) / (epochs / 4.0)) < 16.3, string.Join(' ', windows)); // p = 0.001
    }

    [Fact]
    public void Windows_hold_whole_groups_but_for_those_that_the_ends_of_lanes_cut() =>
        GroupSizes.Sample(sizes =>
        {
            var order = new PairOrder(sizes, 3);
            int[] groupOf = [.. sizes.SelectMany((size, group) => Enumerable.Repeat(group, size))];
            var windows = Enumerable.Range(0, order.Pairs).Select(index => order.VisitAt(index)).GroupBy(visit => (visit.Lane, visit.Window)).ToArray();
            var shared = windows.SelectMany(window => window.Select(visit => groupOf[visit.Pair]).Distinct()).GroupBy(group => group).Sum(group => group.Count() - 1);
            Assert.InRange(shared, 0, order.Lanes - 1);
            var least = PairOrder.WindowPairs / order.Lanes;
            Assert.InRange(windows.Count(window => window.Count() < least), 0, order.Lanes);
            Assert.All(windows, window => Assert.True(window.Count() < least + sizes.Max()));
        });

    [Theory]
    [InlineData(1, 1024, 1)] // a full shuffle
    [InlineData(1, 1025, 1)]
    [InlineData(12, 90, 1)] // too few to cut many
    [InlineData(20, 90, 2)]
    [InlineData(140, 90, 8)]
    [InlineData(300, 90, 16)]
    [InlineData(9_590, 89, 16)] // Pick-a-Pic v2 in groups of 100 rows
    [InlineData(960, 888, 2)] // in groups of 1000
    [InlineData(1_000_000, 1, 16)]
    public void Lanes_are_as_many_as_groups_of_that_size_allow(int groups, int size, int lanes) =>
        Assert.Equal(lanes, new PairOrder([.. Enumerable.Repeat(size, groups)], 1).Lanes);

    [Fact]
    public void The_order_is_pinned() =>
        Assert.Equal("0 7 1 5 9 4 3 11 2 8 10 6", string.Join(' ', Enumerable.Range(0, 12).Select(index => new PairOrder([5, 4, 3], 42).PairAt(index))));

    private static int[] Epoch(PairOrder order, long epoch) =>
        [.. Enumerable.Range(0, order.Pairs).Select(position => order.PairAt((epoch * order.Pairs) + position))];
}
