using Science.Experiments;
using Science.LabelNoise;
using Science.Mixtures;
using Science.Statistics;
using Xunit;

namespace DiffusionDpo.Training.Tests.Experiments;

/// <summary>Short forms of experiments of `make science`, on policies that can only move mass between modes.</summary>
public sealed class MixtureTests : IDisposable
{
    private readonly Laboratory laboratory = new(_ => { });

    [Fact]
    public void Mass_goes_where_the_tilted_optimum_has_it() =>
        Assert.InRange(Trained(flips: 0).DistanceTo(RingMixture.TiltedWeights(1)), 0, 0.06);

    [Fact]
    public void Labels_that_say_nothing_move_nothing() =>
        Assert.InRange(Trained(flips: 0.5).DistanceTo([.. Enumerable.Repeat(1.0 / RingMixture.Modes, RingMixture.Modes)]), 0, 0.06);

    [Fact]
    public void Flipped_labels_take_away_what_theory_says() =>
        Assert.InRange(Trained(flips: 0.3).DistanceTo(FlippedLabels.Weights(0.3, 1)), 0, 0.06);

    [Fact]
    public void The_implicit_reward_of_the_optimum_is_the_reward()
    {
        using var optimum = new TiltedMixture(laboratory.Mixture, RingMixture.TiltedWeights(1));
        RingOutcome outcome = RingOutcome.Of(optimum, new(false, 1, 0, 1) { Samples = 100 }, laboratory.Mixture, laboratory.Schedule);
        double[] rewards = [.. outcome.Recovered.Select(each => RingMixture.Rewards[each.Mode])], recovered = [.. outcome.Recovered.Select(each => each.Reward)];
        Assert.Equal(1, Regression.Slope(rewards, recovered), 0.05);
        Assert.Equal(-Math.Log(RingMixture.Rewards.Average(Math.Exp)), recovered.Average(), 0.05);
        Assert.InRange(Regression.Spearman(rewards, recovered), 0.95, 1);
    }

    public void Dispose() => laboratory.Dispose();

    private RingOutcome Trained(double flips) =>
        RingOutcome.Of(new(false, 1, flips, 1) { Draws = 128, Pairs = 32, Steps = 150, Samples = 2000 }, laboratory.Mixture, laboratory.Schedule);
}
