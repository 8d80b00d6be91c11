using DiffusionDpo.Api.Options;
using DiffusionDpo.Data.Loading;
using DiffusionDpo.Data.Randomness;
using DiffusionDpo.Models.Pipelines;
using DiffusionDpo.Shared;
using DiffusionDpo.Training.Batches;
using Xunit;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.Tests.Batches;

public sealed class PairEncoderTests : TorchTest
{
    private const int Side = 32;

    private static readonly TrainingOptions Options = new() { Seed = 1 };

    private readonly StableDiffusionPipeline model = StableDiffusionPipeline.Load(Goldens.Path(TinyRun.Tag));

    [Fact]
    public void Winner_and_loser_share_timestep_noise_and_text()
    {
        DenoisingBatch batch = new PairEncoder(model, Options, withLosers: true).ForTraining([Pair(0), Pair(1)]);
        Assert.Equal(2, batch.Pairs);
        foreach (Tensor each in new[] { batch.Timesteps, batch.Target, batch.Conditioning.TextStates })
        {
            Tensor[] halves = each.chunk(2);
            Assert.True(halves[0].equal(halves[1]).all().item<bool>());
        }

        Tensor[] latents = batch.NoisyLatents.chunk(2);
        Assert.False(latents[0].equal(latents[1]).all().item<bool>());
    }

    [Fact]
    public void Noisy_latents_are_a_scaled_posterior_sample_and_noise_at_the_timestep()
    {
        PreferencePair pair = Pair(3);
        DenoisingBatch batch = new PairEncoder(model, Options, withLosers: false).ForTraining([pair]);
        using IDisposable noGradient = no_grad();
        var draws = new PairDraws(1, [new(pair.Epoch, pair.GlobalIndex)], CPU);
        var posterior = model.Autoencoder.Encode(tensor(pair.Winner, [1, 3, Side, Side]));
        Tensor sample = posterior.Mean + (posterior.Std * draws.Normal(DrawPurpose.WinnerPosterior, posterior.Mean.shape.AsSpan(1), ScalarType.Float32));
        double share = model.Schedule.AlphasCumprod[(int)batch.Timesteps.item<long>()];
        Tensor expected = (sample * model.Autoencoder.ScalingFactor * Math.Sqrt(share)) + (batch.Target * Math.Sqrt(1 - share));
        Assert.InRange(Goldens.RelativeL2(batch.NoisyLatents, expected), 0, 1e-6);
    }

    [Fact]
    public void A_pair_is_the_same_in_any_batch()
    {
        var encoder = new PairEncoder(model, Options, withLosers: true);
        DenoisingBatch both = encoder.ForTraining([Pair(0), Pair(1)]), alone = encoder.ForTraining([Pair(1)]);
        Assert.True(both.Target[1].equal(alone.Target[0]).all().item<bool>());
        Assert.Equal(both.Timesteps[1].item<long>(), alone.Timesteps[0].item<long>());
        Assert.InRange(Goldens.RelativeL2(both.NoisyLatents[3], alone.NoisyLatents[1]), 0, 1e-5);
    }

    [Fact]
    public void Weights_are_those_of_the_pairs_and_nothing_carries_a_gradient()
    {
        DenoisingBatch batch = new PairEncoder(model, Options, withLosers: true).ForTraining([Pair(0), Pair(1) with { Weight = 0 }]);
        Assert.Equal([1f, 0f], batch.Weights.data<float>().ToArray());
        Assert.False(batch.NoisyLatents.requires_grad || batch.Conditioning.TextStates.requires_grad);
    }

    [Fact]
    public void A_measurement_asks_about_the_same_noise_at_other_timesteps()
    {
        DenoisingBatch[] batches = [.. new PairEncoder(model, Options, withLosers: true).ForMeasurement([Pair(0)], 3)];
        Assert.Equal(3, batches.Select(batch => batch.Timesteps[0].item<long>()).Distinct().Count());
        Assert.All(batches, batch => Assert.True(batch.Target.equal(batches[0].Target).all().item<bool>()));
    }

    [Fact]
    public void Timesteps_and_weights_of_the_options_are_those_of_the_batch()
    {
        TrainingOptions options = new() { Seed = 1, Timesteps = new() { Min = 20, Max = 60 }, MinSnrGamma = 5 };
        DenoisingBatch batch = PairEncoder.Of(model, options, withLosers: true).ForTraining([Pair(0), Pair(1), Pair(2)]);
        long[] timesteps = [.. batch.Timesteps.data<long>()];
        double[] weights = [.. batch.ErrorWeights!.data<double>()];
        Assert.Equal(6, weights.Length);
        foreach ((long timestep, double weight) in timesteps.Zip(weights))
        {
            double alpha = model.Schedule.AlphasCumprod[(int)timestep];
            Assert.InRange(timestep, 20, 60);
            Assert.Equal(5 * (1 - alpha) / alpha, weight, 1e-9);
        }
    }

    /// <summary>The defaults are what was there before the options were: no weights, and the same draws.</summary>
    [Fact]
    public void Default_options_change_nothing()
    {
        DenoisingBatch batch = PairEncoder.Of(model, new() { Seed = 1 }, withLosers: true).ForTraining([Pair(0), Pair(1)]);
        Assert.Null(batch.ErrorWeights);
        Tensor drawn = new PairDraws(1, [new(0, 0), new(0, 1)], CPU).Timesteps(model.Schedule.TrainingTimesteps);
        Assert.Equal(drawn.data<long>(), batch.Timesteps.chunk(2)[0].data<long>());
    }

    [Fact]
    public void A_measurement_is_over_all_timesteps_and_without_weights()
    {
        TrainingOptions options = new() { Seed = 1, Timesteps = new() { Min = 999 }, MinSnrGamma = 5 };
        DenoisingBatch[] batches = [.. PairEncoder.Of(model, options, withLosers: true).ForMeasurement([Pair(0)], 4)];
        Assert.True(batches[0].Timesteps[0].item<long>() < 250);
        Assert.All(batches, batch => Assert.Null(batch.ErrorWeights));
    }

    private static PreferencePair Pair(int index)
    {
        float[] Pixels(int image)
        {
            var pixels = new float[3 * Side * Side];
            new CounterRandom(2, 0, (2 * index) + image, DrawPurpose.Synthesis).FillUniform(pixels);
            return [.. pixels.Select(value => (2 * value) - 1)];
        }

        return new() { GlobalIndex = index, Epoch = 0, Pair = index, Prompt = $"picture {index}", Winner = Pixels(0), Loser = Pixels(1), Weight = 1 };
    }
}
