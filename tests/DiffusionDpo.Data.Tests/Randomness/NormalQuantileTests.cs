using DiffusionDpo.Data.Randomness;
using Xunit;

namespace DiffusionDpo.Data.Tests.Randomness;

public sealed class NormalQuantileTests
{
    [Fact]
    public void Quantile_inverts_the_distribution_function_far_into_the_tail()
    {
        for (var z = -8.0; z < 0; z += 0.01)
        {
            var found = NormalQuantile.Of(NormalDistribution.Cdf(z));
            Assert.True(Math.Abs(found - z) <= 4e-14 * Math.Max(1, -z), $"z = {z}, found {found}");
        }
    }

    [Fact]
    public void Quantile_matches_published_table_values()
    {
        Assert.Equal(0, NormalQuantile.Of(0.5));
        Assert.Equal(1.959963984540054, NormalQuantile.Of(0.975), 1e-14);
        Assert.Equal(-2.326347874040841, NormalQuantile.Of(0.01), 1e-14);
        Assert.Equal(-6.361340902404056, NormalQuantile.Of(1e-10), 1e-13);
    }

    [Fact]
    public void Bits_are_mapped_symmetrically_and_grow_with_the_bits()
    {
        var previous = float.NegativeInfinity;
        for (uint step = 0; step < 100_000; step++)
        {
            var bits = step * 21_474;
            var z = NormalQuantile.OfBits(bits);
            Assert.Equal(-z, NormalQuantile.OfBits(~bits));
            Assert.True(z >= previous, $"not monotonic at {bits}");
            previous = z;
        }
    }

    [Fact]
    public void Extreme_bits_stay_finite()
    {
        Assert.InRange(NormalQuantile.OfBits(uint.MaxValue), 6.2f, 6.4f);
        Assert.Equal(-NormalQuantile.OfBits(uint.MaxValue), NormalQuantile.OfBits(0));
    }

    // Rounded to float32 from the quantile in 40 digits.
    [Theory]
    [InlineData(0x00000000u, 0xc0cad08du)]
    [InlineData(0x00000001u, 0xc0c55364u)]
    [InlineData(0x00003039u, 0xc091222fu)]
    [InlineData(0x01234567u, 0xc027716eu)]
    [InlineData(0x13333333u, 0xbfb84291u)]
    [InlineData(0x7fffffffu, 0xafa06c99u)]
    [InlineData(0x80000000u, 0x2fa06c99u)]
    [InlineData(0xdeadbeefu, 0x3f90149au)]
    [InlineData(0xffffffffu, 0x40cad08du)]
    public void Bits_of_normals_are_pinned(uint bits, uint expected) =>
        Assert.Equal(expected, BitConverter.SingleToUInt32Bits(NormalQuantile.OfBits(bits)));
}
