using DiffusionDpo.Api.Options;
using DiffusionDpo.Data.Randomness;
using DiffusionDpo.Models.Loading;
using DiffusionDpo.Models.Schedules;
using DiffusionDpo.Models.UNets;
using DiffusionDpo.Shared;
using DiffusionDpo.Training.Batches;
using DiffusionDpo.Training.Checkpoints;
using DiffusionDpo.Training.Objectives;
using DiffusionDpo.Training.Optimizers;
using DiffusionDpo.Training.Parameters;
using DiffusionDpo.Training.Steps;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.Tests;

/// <summary>A small SD1.5-shaped policy and reference from the goldens, with a training step on drawn latents and text states.</summary>
internal sealed class TinyRun : IDisposable
{
    public static readonly OptimizerOptions Rates = new()
    {
        Type = OptimizerType.AdamW, LearningRate = 1e-5, WarmupSteps = 2, Beta1 = 0.9, Beta2 = 0.999, Epsilon = 1e-8, WeightDecay = 0.01, MaxGradNorm = 1,
    };

    private readonly ScalarType type;
    private readonly long latentSide;
    private readonly long[] textShape;

    public TinyRun(IObjective objective, int accumulation = 1, ScalarType type = ScalarType.Float32, TimeProvider? time = null, IPolicyErrors? errors = null)
    {
        this.type = type;
        string config = Goldens.Path(Tag, "unet", "config.json");
        Policy = Network(config, Exact);
        Reference = Network(config, type);
        latentSide = 8;
        textShape = [7, UNetConfig.FromFile(config).CrossAttentionDim[0]];
        Schedule = NoiseSchedule.Load(Goldens.Path(Tag));
        Parameters = FlatParameters.Of(Policy, type, sumsGradients: accumulation > 1);
        Optimizer = new(Parameters, Rates);
        Step = new()
        {
            Policy = Policy, Parameters = Parameters, Optimizer = Optimizer, Objective = objective, Accumulation = accumulation,
            Reference = objective.ComparesWithReference ? new FrozenReference(Reference) : new NoReference(),
            LearningRate = new(Rates.LearningRate!.Value, Rates.WarmupSteps!.Value), MaxGradientNorm = Rates.MaxGradNorm!.Value,
            Clock = new(time ?? TimeProvider.System), PolicyErrors = errors ?? new PlainErrors(),
        };
    }

    public static string Tag { get; } = Path.GetFileName(Directory.GetDirectories(Goldens.Root, "tiny-*")
        .Where(each => Directory.Exists(Path.Combine(each, "unet")) && !Directory.Exists(Path.Combine(each, "text_encoder_2"))).Order().First());

    public UNet2DConditionModel Policy { get; }

    public UNet2DConditionModel Reference { get; }

    public NoiseSchedule Schedule { get; }

    public FlatParameters Parameters { get; }

    public AdamW Optimizer { get; }

    public TrainingStep Step { get; }

    public TrainingState State => new(Parameters, Optimizer);

    public static UNet2DConditionModel Load(string config, string weightsFile, ScalarType type = ScalarType.Float32)
    {
        var network = new UNet2DConditionModel(UNetConfig.FromFile(config), META);
        using Weights weights = Weights.Open(weightsFile);
        StrictLoader.Load(network, weights, LoadMode.Copy, type);
        return network;
    }

    /// <summary>Pairs of drawn latents; the same index always gives the same pair.</summary>
    public DenoisingBatch Batch(long first, int pairs) => Batch([.. Enumerable.Range(0, pairs).Select(i => first + i)]);

    public DenoisingBatch Batch(IReadOnlyList<long> indices, bool swap = false, bool equal = false, float[]? weights = null)
    {
        var draws = new PairDraws(7, [.. indices.Select(i => new PairPosition(0, i))], CPU);
        long[] latent = [4, latentSide, latentSide];
        Tensor a = draws.Normal(DrawPurpose.WinnerPosterior, latent, Exact), b = draws.Normal(DrawPurpose.LoserPosterior, latent, Exact);
        Tensor text = draws.Normal(DrawPurpose.Synthesis, textShape, type);
        var noise = new PairNoise(draws.Normal(DrawPurpose.Noise, latent, Exact), draws.Timesteps(Schedule.TrainingTimesteps));
        Tensor[] order = !Step.Objective.LooksAtLosers ? [a] : equal ? [a, a] : swap ? [b, a] : [a, b];
        Tensor weight = weights is null ? ones(indices.Count, Exact) : tensor(weights).to(Exact);
        return DenoisingBatch.Of(Schedule, cat(order), noise, new Conditioning(text).Repeat(order.Length), weight);
    }

    /// <summary>Moves the policy away from the reference, by numbers drawn for the purpose.</summary>
    public void Perturb(double size)
    {
        using DisposeScope scope = NewDisposeScope();
        var draws = new PairDraws(11, [new(0, 0)], CPU);
        Parameters.Values.add_(draws.Normal(DrawPurpose.Initialization, [Parameters.Values.shape[0]], Exact)[0], alpha: size);
        Parameters.UpdateNetwork();
    }

    /// <summary>The gradient of the loss over micro-batches, a copy.</summary>
    public Tensor Gradient(params DenoisingBatch[] batches)
    {
        using DisposeScope scope = NewDisposeScope();
        Parameters.ZeroGradients();
        foreach (DenoisingBatch batch in batches)
        {
            ObjectiveValue value = Evaluate(batch);
            (value.Loss / batches.Length).backward();
            Parameters.CollectGradients();
        }

        return Parameters.Gradients.to(Exact, copy: true).MoveToOuterDisposeScope();
    }

    public ObjectiveValue Evaluate(DenoisingBatch batch) =>
        Step.Objective.Evaluate(DenoisingErrors.Of(Policy, batch), Step.Reference.Errors(batch), batch.Weights);

    public void Dispose()
    {
        Optimizer.Dispose();
        Parameters.Dispose();
        Policy.Dispose();
        Reference.Dispose();
        Schedule.Dispose();
    }

    // what is trained, drawn and compared is not in half precision
    private ScalarType Exact => type == ScalarType.Float64 ? ScalarType.Float64 : ScalarType.Float32;

    private static UNet2DConditionModel Network(string config, ScalarType type) =>
        Load(config, Directory.GetFiles(Goldens.Path(Tag, "unet"), "*.safetensors").Single(), type);
}
