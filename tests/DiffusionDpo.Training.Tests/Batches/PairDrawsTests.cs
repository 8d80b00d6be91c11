using DiffusionDpo.Data.Randomness;
using DiffusionDpo.Training.Batches;
using Xunit;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.Tests.Batches;

public sealed class PairDrawsTests : TorchTest
{
    private static readonly PairPosition[] Positions = [new(0, 4), new(1, 9), new(1, 10)];

    [Fact]
    public void A_row_depends_on_its_own_pair_alone()
    {
        Tensor together = Draws(Positions).Normal(DrawPurpose.Noise, [4, 3, 3], ScalarType.Float32);
        for (int i = 0; i < Positions.Length; i++)
            Assert.True(Draws(Positions[i]).Normal(DrawPurpose.Noise, [4, 3, 3], ScalarType.Float32)[0].equal(together[i]).all().item<bool>());
    }

    [Fact]
    public void Float64_rows_are_the_float32_numbers()
    {
        Tensor single = Draws(Positions).Normal(DrawPurpose.Noise, [7], ScalarType.Float32), wide = Draws(Positions).Normal(DrawPurpose.Noise, [7], ScalarType.Float64);
        Assert.True(single.@double().equal(wide).all().item<bool>());
    }

    [Fact]
    public void Purposes_and_epochs_have_their_own_numbers()
    {
        float[] first =
        [
            First(new(0, 4), DrawPurpose.Noise), First(new(1, 4), DrawPurpose.Noise), First(new(0, 5), DrawPurpose.Noise),
            First(new(0, 4), DrawPurpose.WinnerPosterior), First(new(0, 4), DrawPurpose.LoserPosterior),
        ];
        Assert.Equal(first.Length, first.Distinct().Count());
    }

    [Fact]
    public void Timesteps_reach_both_ends_of_the_schedule_and_not_beyond()
    {
        Tensor timesteps = Draws([.. Enumerable.Range(0, 2000).Select(i => new PairPosition(0, i))]).Timesteps(10);
        Assert.Equal(Enumerable.Range(0, 10).Select(i => (long)i), timesteps.data<long>().Distinct().Order());
    }

    [Fact]
    public void Timesteps_of_a_range_reach_both_its_ends_and_are_each_pairs_own()
    {
        PairPosition[] positions = [.. Enumerable.Range(0, 2000).Select(i => new PairPosition(0, i))];
        long[] timesteps = [.. Draws(positions).Timesteps(new TimestepRange(700, 10)).data<long>()];
        Assert.Equal(Enumerable.Range(700, 10).Select(i => (long)i), timesteps.Distinct().Order());
        Assert.Equal(timesteps[^1], Draws(positions[^1]).Timesteps(new TimestepRange(700, 10)).item<long>());
        Assert.Equal(timesteps, Draws(positions).Timesteps(10).data<long>().Select(t => t + 700));
    }

    [Fact]
    public void Held_out_timesteps_lie_one_in_each_stratum_at_equal_distance()
    {
        PairDraws draws = Draws(Positions);
        long[][] byStratum = [.. Enumerable.Range(0, 4).Select(stratum => draws.HeldOutTimesteps(1000, stratum, 4).data<long>().ToArray())];
        for (int stratum = 0; stratum < 4; stratum++)
        {
            Assert.All(byStratum[stratum], t => Assert.InRange(t, 250 * stratum, (250 * (stratum + 1)) - 1));
            Assert.Equal(byStratum[0].Select(t => t + (250 * stratum)), byStratum[stratum]);
        }
    }

    private static PairDraws Draws(params PairPosition[] positions) => new(5, positions, CPU);

    private static float First(PairPosition position, DrawPurpose purpose) => Draws(position).Normal(purpose, [1], ScalarType.Float32).item<float>();
}
