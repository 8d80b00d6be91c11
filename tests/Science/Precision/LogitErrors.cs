using DiffusionDpo.Data.Randomness;
using DiffusionDpo.Models.Loading;
using DiffusionDpo.Models.Schedules;
using DiffusionDpo.Models.UNets;
using DiffusionDpo.Shared;
using DiffusionDpo.Training.Batches;
using DiffusionDpo.Training.Objectives;
using DiffusionDpo.Training.Steps;
using TorchSharp;
using static TorchSharp.torch;

namespace Science.Precision;

/// <summary>Denoising errors of the goldens' policy and reference on the same pairs in several precisions, all as float64 numbers.</summary>
public sealed class LogitErrors
{
    public const int Pairs = 256;

    private readonly (double[] Policy, double[] Reference) single, split, @double;

    private LogitErrors((double[] Policy, double[] Reference) single, (double[] Policy, double[] Reference) split, (double[] Policy, double[] Reference) @double) =>
        (this.single, this.split, this.@double) = (single, split, @double);

    /// <summary>Largest logit in float32 where the policy is the reference.</summary>
    public required double AtStart { get; init; }

    public static LogitErrors Measure(NoiseSchedule schedule, int batch, Action<string> say)
    {
        using IDisposable noGradient = no_grad();
        using UNet2DConditionModel policy = Load(ScalarType.Float32, Goldens.Path("dpo", "sd15_policy_unet.safetensors")), reference = Load(ScalarType.Float32, ReferenceFile());
        using UNet2DConditionModel exactPolicy = Load(ScalarType.Float64, Goldens.Path("dpo", "sd15_policy_unet.safetensors")), exactReference = Load(ScalarType.Float64, ReferenceFile());
        double[] single = Of(reference, schedule, batch, ScalarType.Float32), again = Of(reference, schedule, batch, ScalarType.Float32);
        say("float32 in batches");
        var errors = new LogitErrors(
            (Of(policy, schedule, batch, ScalarType.Float32), single),
            (Of(policy, schedule, 1, ScalarType.Float32), Of(reference, schedule, 1, ScalarType.Float32)),
            (Of(exactPolicy, schedule, batch, ScalarType.Float64), Of(exactReference, schedule, batch, ScalarType.Float64)))
        {
            AtStart = Logits((again, single), 5000, ScalarType.Float32).Max(Math.Abs),
        };
        say("float32 one by one, float64");
        return errors;
    }

    /// <summary>|logit in float32 − logit in float64| of each pair.</summary>
    public double[] Float32(double beta) => Distance(Logits(single, beta, ScalarType.Float32), Logits(@double, beta, ScalarType.Float64));

    /// <summary>The same pairs one by one against in batches, both in float32.</summary>
    public double[] MicroBatches(double beta) => Distance(Logits(single, beta, ScalarType.Float32), Logits(split, beta, ScalarType.Float32));

    /// <summary>The reference's errors rounded to a type before the difference.</summary>
    public double[] Rounded(double beta, ScalarType type)
    {
        double[] rounded = [.. tensor(single.Reference).to(type).to(ScalarType.Float64).data<double>()];
        return Distance(Logits((single.Policy, rounded), beta, ScalarType.Float32), Logits(@double, beta, ScalarType.Float64));
    }

    private static double[] Distance(double[] a, double[] b) => [.. a.Zip(b, (x, y) => Math.Abs(x - y))];

    private static double[] Logits((double[] Policy, double[] Reference) errors, double beta, ScalarType type)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor logits = new SigmoidObjective(beta).Evaluate(Rows(errors.Policy), Rows(errors.Reference), ones(Pairs, type)).Logits!;
        return [.. logits.to(ScalarType.Float64).data<double>()];

        Tensor Rows(double[] values) => tensor(values).to(type);
    }

    /// <summary>[2n]: winners, then losers.</summary>
    private static double[] Of(UNet2DConditionModel network, NoiseSchedule schedule, int batch, ScalarType type)
    {
        var errors = new double[2 * Pairs];
        for (int first = 0; first < Pairs; first += batch)
        {
            using DisposeScope scope = NewDisposeScope();
            double[] rows = [.. DenoisingErrors.Of(network, Batch(schedule, first, batch, type)).to(ScalarType.Float64).data<double>()];
            rows.AsSpan(0, batch).CopyTo(errors.AsSpan(first));
            rows.AsSpan(batch).CopyTo(errors.AsSpan(Pairs + first));
        }

        return errors;
    }

    private static DenoisingBatch Batch(NoiseSchedule schedule, int first, int pairs, ScalarType type)
    {
        var draws = new PairDraws(7, [.. Enumerable.Range(first, pairs).Select(i => new PairPosition(0, i))], CPU);
        long[] latent = [4, 8, 8];
        Tensor latents = cat([draws.Normal(DrawPurpose.WinnerPosterior, latent, type), draws.Normal(DrawPurpose.LoserPosterior, latent, type)]);
        var noise = new PairNoise(draws.Normal(DrawPurpose.Noise, latent, type), draws.Timesteps(schedule.TrainingTimesteps));
        return DenoisingBatch.Of(schedule, latents, noise, new Conditioning(draws.Normal(DrawPurpose.Synthesis, [7, TextWidth], type)).Repeat(2), ones(pairs, type));
    }

    private static long TextWidth => UNetConfig.FromFile(Config).CrossAttentionDim[0];

    private static string Config => Goldens.Path("tiny-sd15", "unet", "config.json");

    private static string ReferenceFile() => Directory.GetFiles(Goldens.Path("tiny-sd15", "unet"), "*.safetensors").Single();

    private static UNet2DConditionModel Load(ScalarType type, string file)
    {
        var network = new UNet2DConditionModel(UNetConfig.FromFile(Config), META);
        using Weights weights = Weights.Open(file);
        StrictLoader.Load(network, weights, LoadMode.Copy, type);
        return network;
    }
}
