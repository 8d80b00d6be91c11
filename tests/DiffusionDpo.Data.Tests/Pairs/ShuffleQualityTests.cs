using DiffusionDpo.Data.Pairs;
using DiffusionDpo.Data.Randomness;
using Xunit;

namespace DiffusionDpo.Data.Tests.Pairs;

/// <summary>
/// How far the block shuffle is from a full one. The measure is the number of mates: others of the same group in the batch of a pair. The variance
/// of a batch's mean is that of independent pairs times 1 + ρ·mates, where ρ is the correlation of what is averaged within a group.
/// </summary>
public sealed class ShuffleQualityTests
{
    private const int GroupSize = 89; // of Pick-a-Pic, in groups of 100 rows
    private const int Groups = 2000;

    private static readonly PairOrder Order = new([.. Enumerable.Repeat(GroupSize, Groups)], 5);

    [Theory]
    [InlineData(16)]
    [InlineData(64)]
    [InlineData(256)]
    [InlineData(2048)]
    public void Mates_in_a_batch_are_those_that_are_stated(int batch)
    {
        var (mates, full) = (Mates(Order.PairAt, batch), Mates(FullShuffle(), batch));
        var stated = Stated(batch);
        TestContext.Current.TestOutputHelper?.WriteLine($"batches of {batch}: {mates:F2} mates, stated {stated:F2}; full shuffle {full:F2}");
        Assert.InRange(mates, (0.9 * stated) - 0.05, (1.1 * stated) + 0.05);
        Assert.InRange(full, 0, 1.5 * batch / Groups);
    }

    [Fact]
    public void Neighbours_in_the_order_are_no_neighbours_in_the_file()
    {
        // Of 16 lanes in turn none holds the group of another, but for those that the ends of lanes cut.
        var same = Enumerable.Range(1, Order.Pairs - 1).Count(index => Order.PairAt(index - 1) / GroupSize == Order.PairAt(index) / GroupSize);
        Assert.InRange(same, 0, Order.Pairs / Groups);
    }

    [Fact]
    public void A_batch_composition_varies_as_the_mates_say()
    {
        // What is averaged is the same within a group and ±1 by chance: ρ = 1, so that the variance of a batch's mean is (1 + mates) / batch.
        const int batch = 256;
        var random = new CounterRandom(1, 0, 0, DrawPurpose.Synthesis);
        int[] ofGroup = [.. Enumerable.Range(0, Groups).Select(_ => random.NextInt(2) == 0 ? -1 : 1)];
        var means = Enumerable.Range(0, Order.Pairs / batch)
            .Select(number => Enumerable.Range(number * batch, batch).Average(index => ofGroup[Order.PairAt(index) / GroupSize])).ToArray();
        var variance = means.Sum(mean => mean * mean) / means.Length;
        Assert.InRange(variance * batch / (1 + Stated(batch)), 0.8, 1.2);
    }

    [Fact]
    public void A_pair_is_equally_likely_in_every_lane_and_in_every_tenth_of_an_epoch()
    {
        const int epochs = 1600;
        var order = new PairOrder([.. Enumerable.Repeat(7, 320)], 11);
        var (lanes, tenths) = (new int[order.Lanes], new int[10]);
        for (var epoch = 0L; epoch < epochs; epoch++)
        {
            var place = Enumerable.Range(0, order.Pairs).First(index => order.PairAt((epoch * order.Pairs) + index) == 77);
            lanes[order.LaneOf(place)]++;
            tenths[10 * place / order.Pairs]++;
        }

        Assert.True(ChiSquare(lanes) < 37.7, string.Join(' ', lanes)); // 15 degrees of freedom, p = 0.001
        Assert.True(ChiSquare(tenths) < 27.9, string.Join(' ', tenths)); // 9

        static double ChiSquare(int[] counts) => counts.Sum(count => Math.Pow(count - counts.Average(), 2) / counts.Average());
    }

    /// <summary>The statement of <see cref="PairOrder"/>: a lane gives n = batch / lanes pairs in a row, of windows of one group of g.</summary>
    private static double Stated(int batch)
    {
        double n = (double)batch / Order.Lanes, g = GroupSize;
        return n <= g ? n - (n * n / (3 * g)) - 1 + (1 / (3 * g)) : g - (g * g / (3 * n)) - 1 + (1 / (3 * n));
    }

    private static double Mates(Func<long, int> pairAt, int batch)
    {
        var batches = Order.Pairs / batch;
        return Enumerable.Range(0, batches).Average(number =>
        {
            var counts = Enumerable.Range(number * batch, batch).CountBy(index => pairAt(index) / GroupSize);
            return counts.Sum(group => (double)group.Value * (group.Value - 1)) / batch;
        });
    }

    private static Func<long, int> FullShuffle()
    {
        var (pairs, random) = (Enumerable.Range(0, Order.Pairs).ToArray(), new CounterRandom(3, 0, 0, DrawPurpose.Order));
        for (var last = pairs.Length - 1; last > 0; last--)
        {
            var other = random.NextInt(last + 1);
            (pairs[last], pairs[other]) = (pairs[other], pairs[last]);
        }

        return index => pairs[index];
    }
}
