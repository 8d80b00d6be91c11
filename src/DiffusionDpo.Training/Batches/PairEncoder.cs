using System.Runtime.InteropServices;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Data.Loading;
using DiffusionDpo.Data.Randomness;
using DiffusionDpo.Models.Autoencoders;
using DiffusionDpo.Models.Native;
using DiffusionDpo.Models.Pipelines;
using DiffusionDpo.Models.Schedules;
using DiffusionDpo.Models.UNets;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.Batches;

/// <summary>From pixels and prompts to what the networks are asked. Every draw is a function of the seed and the pair's place in the run.</summary>
/// <param name="model">Autoencoder, text encoders and schedule; frozen.</param>
/// <param name="options">The run's seed, and what the networks are told besides the prompt.</param>
/// <param name="withLosers">Whether the objective looks at losers.</param>
public sealed class PairEncoder(StableDiffusionPipeline model, TrainingOptions options, bool withLosers)
{
    /// <summary>Timesteps that are trained on; measurements are over all.</summary>
    public TimestepRange Timesteps { get; init; } = new(0, model.Schedule.TrainingTimesteps);

    /// <summary>γ of minimum-SNR weighting in training; 0: no weights.</summary>
    public double MinSnrGamma { get; init; }

    /// <summary>The encoder of a run.</summary>
    /// <param name="model">Autoencoder, text encoders and schedule; frozen.</param>
    /// <param name="training">The run's options.</param>
    /// <param name="withLosers">Whether the objective looks at losers.</param>
    /// <exception cref="Api.Failures.RunException">Configuration error: the model has no timestep of the range.</exception>
    public static PairEncoder Of(StableDiffusionPipeline model, TrainingOptions training, bool withLosers) => new(model, training, withLosers)
    {
        Timesteps = TimestepRange.Of(training.Timesteps, model.Schedule.TrainingTimesteps), MinSnrGamma = training.MinSnrGamma,
    };

    /// <summary>A micro-batch of training: the posterior is sampled anew on every visit, one timestep and noise for each pair.</summary>
    /// <param name="pairs">n pairs of one resolution.</param>
    public DenoisingBatch ForTraining(IReadOnlyList<PreferencePair> pairs)
    {
        using IDisposable noGradient = no_grad();
        EncodedPairs encoded = Encode(pairs, DrawPurpose.WinnerPosterior, DrawPurpose.LoserPosterior);
        Tensor noise = encoded.Draws.Normal(DrawPurpose.Noise, encoded.Latents.shape.AsSpan(1), encoded.Latents.dtype);
        return Weighted(encoded.At(model, noise, encoded.Draws.Timesteps(Timesteps))) with { Visits = PairVisits.OfTraining(pairs) };
    }

    /// <summary>Batches of a measurement: each pair at evenly spread timesteps, with one posterior sample and one noise for all of them.</summary>
    /// <param name="pairs">n pairs of one resolution.</param>
    /// <param name="timesteps">Timesteps per pair.</param>
    public IEnumerable<DenoisingBatch> ForMeasurement(IReadOnlyList<PreferencePair> pairs, int timesteps)
    {
        using IDisposable noGradient = no_grad();
        EncodedPairs encoded = Encode(pairs, DrawPurpose.HeldOutWinnerPosterior, DrawPurpose.HeldOutLoserPosterior);
        Tensor noise = encoded.Draws.Normal(DrawPurpose.HeldOutNoise, encoded.Latents.shape.AsSpan(1), encoded.Latents.dtype);
        return
        [
            .. Enumerable.Range(0, timesteps).Select(stratum =>
                encoded.At(model, noise, encoded.Draws.HeldOutTimesteps(model.Schedule.TrainingTimesteps, stratum, timesteps)) with
                {
                    Visits = PairVisits.OfMeasurement(pairs, stratum, timesteps),
                }),
        ];
    }

    private DenoisingBatch Weighted(DenoisingBatch batch)
    {
        if (MinSnrGamma <= 0) return batch;
        Tensor ratio = model.Schedule.SignalToNoise(batch.Timesteps);
        bool isVelocity = model.Schedule.Config.PredictionType == PredictionType.VPrediction;
        return batch with { ErrorWeights = isVelocity ? MinimumSnr.OfVelocity(ratio, MinSnrGamma) : MinimumSnr.OfNoise(ratio, MinSnrGamma) };
    }

    private EncodedPairs Encode(IReadOnlyList<PreferencePair> pairs, DrawPurpose winners, DrawPurpose losers)
    {
        using DisposeScope scope = NewDisposeScope();
        (ScalarType type, Device device) = (model.Format, model.Device);
        var draws = new PairDraws(options.Seed, [.. pairs.Select(pair => new PairPosition(pair.Epoch, pair.GlobalIndex))], device);
        DiagonalGaussian posterior = AutoencoderKL.Posterior(Moments(pairs, type, device));
        Tensor Noise(DrawPurpose purpose) => draws.Normal(purpose, posterior.Mean.shape.AsSpan(1), posterior.Mean.dtype);
        Tensor noise = withLosers ? cat([Noise(winners), Noise(losers)]) : Noise(winners);
        using Scalar scaling = model.Autoencoder.ScalingFactor;
        Tensor latents = posterior.Sample(noise).mul_(scaling);
        Conditioning conditioning = Condition(pairs);
        Tensor weights = tensor(pairs.Select(pair => (float)pair.Weight).ToArray()).BroughtTo(device);
        scope.MoveToOuter([latents, weights, .. conditioning.Tensors()]);
        return new(latents, conditioning, weights, draws);
    }

    /// <summary>Mean and logarithm of the variance of winners, then losers.</summary>
    private Tensor Moments(IReadOnlyList<PreferencePair> pairs, ScalarType type, Device device)
    {
        if (pairs[0].Cached is null)
            return model.Encoders.Moments(Images([.. pairs.Select(pair => pair.Winner), .. withLosers ? pairs.Select(pair => pair.Loser) : []]).to(type).BroughtTo(device));
        byte[][] prepared = [.. pairs.Select(pair => pair.Cached!.Winner), .. withLosers ? pairs.Select(pair => pair.Cached!.Loser) : []];
        return CachedTensors.Moments(model.Autoencoder, prepared, type, device);
    }

    /// <summary>Of every row: winner and loser share the prompt and have sizes of their own.</summary>
    private Conditioning Condition(IReadOnlyList<PreferencePair> pairs)
    {
        (ScalarType type, Device device) = (model.Format, model.Device);
        Conditioning prompts = pairs[0].Cached is null
            ? model.Encoders.Prompts([.. pairs.Select(pair => pair.Prompt)])
            : CachedTensors.Prompts(model.Text, [.. pairs.Select(pair => pair.Cached!.Text)], type, device);
        if (options.EmptyPrompt == EmptyPrompt.Zeros) Silence(prompts, pairs);
        ImageSizes[] sizes = [.. pairs.Select(pair => Told(pair.WinnerSizes)), .. withLosers ? pairs.Select(pair => Told(pair.LoserSizes)) : []];
        return prompts.Repeat(sizes.Length / pairs.Count) with { TimeIds = model.Text.Sizes(sizes) };
    }

    private ImageSizes Told(ImageSizes sizes) =>
        options.MicroConditioning == MicroConditioning.Constant ? ImageSizes.Whole(sizes.TargetHeight, sizes.TargetWidth) : sizes;

    private static void Silence(Conditioning prompts, IReadOnlyList<PreferencePair> pairs)
    {
        foreach ((int row, PreferencePair pair) in pairs.Index().Where(each => each.Item.HasEmptyPrompt))
        {
            prompts.TextStates[row].zero_();
            prompts.PooledText?[row].zero_();
        }
    }

    /// <summary>[n, 3, R, R] from n arrays of 3·R·R.</summary>
    private static Tensor Images(float[][] pixels)
    {
        int length = pixels[0].Length;
        long side = (long)Math.Round(Math.Sqrt(length / 3.0));
        Tensor images = empty([pixels.Length, 3, side, side], ScalarType.Float32);
        Span<float> all = MemoryMarshal.Cast<byte, float>(TorchNative.Bytes(images));
        for (int i = 0; i < pixels.Length; i++) pixels[i].CopyTo(all[(i * length)..]);
        return images;
    }

    private sealed record EncodedPairs(Tensor Latents, Conditioning Conditioning, Tensor Weights, PairDraws Draws)
    {
        public DenoisingBatch At(StableDiffusionPipeline model, Tensor noise, Tensor timesteps) =>
            DenoisingBatch.Of(model.Schedule, Latents, new(noise, timesteps), Conditioning, Weights);
    }
}
