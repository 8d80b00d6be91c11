using CsCheck;
using DiffusionDpo.Data.Randomness;
using Xunit;

namespace DiffusionDpo.Data.Tests.Randomness;

public sealed class CounterRandomTests
{
    private static CounterRandom Stream(long seed = 7, long epoch = 0, long index = 0, DrawPurpose purpose = DrawPurpose.Noise) =>
        new(seed, epoch, index, purpose);

    [Fact]
    public void First_block_is_the_Philox_block_of_the_documented_counter()
    {
        var stream = new CounterRandom(0x1122334455667788, 0x9ABCDEF0, 0x123456789ABC, DrawPurpose.Flip);
        var expected = Philox4x32.Block(new(0, 0x56789ABC, 0x00061234, 0x9ABCDEF0), (0x55667788, 0x11223344));
        Assert.Equal(expected, new PhiloxBlock(stream.NextUInt32(), stream.NextUInt32(), stream.NextUInt32(), stream.NextUInt32()));
    }

    [Fact]
    public void Each_of_seed_epoch_index_and_purpose_changes_the_stream()
    {
        var first = new[]
        {
            Stream(), Stream(seed: 8), Stream(seed: 7 + (1L << 32)), Stream(epoch: 1), Stream(index: 1), Stream(index: 1L << 40),
            Stream(purpose: DrawPurpose.Flip),
        }.Select(stream => stream.NextUInt64()).ToArray();
        Assert.Equal(first.Length, first.Distinct().Count());
    }

    [Theory]
    [InlineData(-1, 0)]
    [InlineData(1L << 32, 0)]
    [InlineData(0, -1)]
    [InlineData(0, 1L << 48)]
    public void What_does_not_fit_the_counter_is_refused(long epoch, long index) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Stream(epoch: epoch, index: index));

    [Fact]
    public void Doubles_are_in_the_unit_interval_with_the_moments_of_the_uniform()
    {
        const int n = 1_000_000;
        var stream = Stream();
        double sum = 0, squares = 0;
        for (var i = 0; i < n; i++)
        {
            var u = stream.NextDouble();
            Assert.InRange(u, 0, 1 - (1.0 / (1L << 53)));
            sum += u;
            squares += u * u;
        }

        Assert.InRange(sum / n, 0.5 - 0.0015, 0.5 + 0.0015); // 5 standard errors
        Assert.InRange(squares / n, (1.0 / 3) - 0.0015, (1.0 / 3) + 0.0015);
    }

    [Fact]
    public void Bounded_integers_are_uniform()
    {
        Gen.Int[1, 40].Sample(
            bound =>
            {
                const int perCell = 1000;
                var counts = new int[bound];
                var stream = Stream(index: bound);
                for (var i = 0; i < perCell * bound; i++)
                    counts[stream.NextInt(bound)]++;
                var chiSquare = counts.Sum(count => Math.Pow(count - perCell, 2) / perCell);
                Assert.True(chiSquare < bound + (6 * Math.Sqrt(2.0 * bound)) + 10, $"chi-square {chiSquare} at bound {bound}");
            },
            iter: 60);
    }

    [Fact]
    public void A_bound_that_does_not_divide_the_range_is_not_biased()
    {
        // 2³² is 8/3 of this bound: without rejection every third result would come in 2 of 8 cases instead of 1 of 3.
        const int bound = 3 << 29;
        var stream = Stream();
        var third = Enumerable.Range(0, 300_000).Count(_ => stream.NextInt(bound) % 3 == 2);
        Assert.InRange(third, 100_000 - 1500, 100_000 + 1500);
    }

    [Fact]
    public void Filling_equals_drawing_one_by_one_from_any_offset()
    {
        (from length in Gen.Int[0, 40] from offset in Gen.Int[0, 9] select (length, offset)).Sample(pick =>
        {
            var (one, other) = (Stream(), Stream());
            for (var i = 0; i < pick.offset; i++)
                Assert.Equal(one.NextUInt32(), other.NextUInt32());
            var filled = new float[pick.length];
            one.FillGaussian(filled);
            Assert.All(filled, value => Assert.Equal(value, other.NextGaussian()));
            Assert.Equal(one.NextUInt32(), other.NextUInt32());
        });
    }

    [Fact]
    public void Filled_uniforms_are_in_the_unit_interval()
    {
        var values = new float[10_000];
        Stream().FillUniform(values);
        Assert.All(values, value => Assert.InRange(value, 0f, 1f - (1f / (1 << 24))));
        Assert.InRange(values.Average(), 0.485, 0.515);
    }

    [Fact]
    public void Normals_have_the_moments_of_the_standard_normal()
    {
        var values = Normals(4_000_000);
        double m1 = 0, m2 = 0, m3 = 0, m4 = 0;
        foreach (double z in values)
        {
            m1 += z;
            m2 += z * z;
            m3 += z * z * z;
            m4 += z * z * z * z;
        }

        var n = (double)values.Length;
        Assert.InRange(m1 / n, -5 / Math.Sqrt(n), 5 / Math.Sqrt(n));
        Assert.InRange(m2 / n, 1 - (5 * Math.Sqrt(2 / n)), 1 + (5 * Math.Sqrt(2 / n)));
        Assert.InRange(m3 / n, -5 * Math.Sqrt(15 / n), 5 * Math.Sqrt(15 / n));
        Assert.InRange(m4 / n, 3 - (5 * Math.Sqrt(96 / n)), 3 + (5 * Math.Sqrt(96 / n)));
    }

    [Fact]
    public void Normals_pass_Kolmogorov_and_Smirnov_against_the_distribution_function()
    {
        var values = Normals(200_000);
        Array.Sort(values);
        var distance = values.Select((z, i) => Math.Abs(NormalDistribution.Cdf(z) - ((i + 0.5) / values.Length))).Max();
        Assert.True(distance * Math.Sqrt(values.Length) < 1.95, $"√n·D = {distance * Math.Sqrt(values.Length)}"); // p = 0.001
    }

    [Fact]
    public void Tails_hold_as_many_normals_as_they_should()
    {
        var values = Normals(4_000_000);
        foreach (var threshold in new[] { 2.0, 3, 4, 4.5 })
        {
            var expected = values.Length * 2 * NormalDistribution.Cdf(-threshold);
            var found = values.Count(z => Math.Abs(z) > threshold);
            Assert.InRange(found, expected - (5 * Math.Sqrt(expected)), expected + (5 * Math.Sqrt(expected)));
        }
    }

    [Fact]
    public void Neighbouring_streams_are_uncorrelated()
    {
        const int n = 400_000;
        double byIndex = 0, byEpoch = 0;
        for (var i = 0; i < n; i++)
        {
            var here = Stream(index: i).NextGaussian();
            byIndex += here * Stream(index: i + 1).NextGaussian();
            byEpoch += here * Stream(epoch: 1, index: i).NextGaussian();
        }

        Assert.InRange(byIndex / n, -5 / Math.Sqrt(n), 5 / Math.Sqrt(n));
        Assert.InRange(byEpoch / n, -5 / Math.Sqrt(n), 5 / Math.Sqrt(n));
    }

    private static float[] Normals(int count)
    {
        var values = new float[count];
        Stream().FillGaussian(values);
        return values;
    }
}
