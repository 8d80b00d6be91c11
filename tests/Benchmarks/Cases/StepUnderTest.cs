using DiffusionDpo.Api.Options;
using DiffusionDpo.Models.UNets;
using DiffusionDpo.Training.Batches;
using DiffusionDpo.Training.Objectives;
using DiffusionDpo.Training.Optimizers;
using DiffusionDpo.Training.Parameters;
using DiffusionDpo.Training.Steps;
using static TorchSharp.torch;

namespace Benchmarks.Cases;

/// <summary>The product's own training step over random weights, the same in policy and reference, and random batches, without autoencoder.</summary>
internal sealed class StepUnderTest
{
    private const double LearningRate = 1e-8;
    private const int Timesteps = 1000;

    private static readonly OptimizerOptions AdamWOptions = new() { Beta1 = 0.9, Beta2 = 0.999, Epsilon = 1e-8, WeightDecay = 1e-2 };

    private readonly BenchCase bench;
    private readonly TrainingStep step;

    public StepUnderTest(BenchCase bench)
    {
        this.bench = bench;
        manual_seed(0);
        UNetConfig config = UNetConfig.FromJson(bench.UNet.ToJsonString(), bench.Name);
        UNet2DConditionModel policy = new(config), reference = new(config);
        reference.load_state_dict(policy.state_dict());
        FlatParameters parameters = FlatParameters.Of(policy);
        ParameterCount = policy.parameters().Sum(parameter => parameter.numel());
        step = new()
        {
            Policy = policy,
            Parameters = parameters,
            Reference = new FrozenReference(reference),
            Objective = new SigmoidObjective(bench.Beta),
            Optimizer = new AdamW(parameters, AdamWOptions),
            LearningRate = new WarmUp(LearningRate, 0),
            MaxGradientNorm = bench.MaxGradNorm,
            Accumulation = 1,
            Clock = new PhaseClock(TimeProvider.System),
        };
    }

    public long ParameterCount { get; }

    public StepReport Run() => step.Run(NextBatch, CancellationToken.None);

    /// <summary>Winners, then losers; noise, timestep and text are a pair's own.</summary>
    private DenoisingBatch NextBatch()
    {
        long[] latents = [2 * bench.Pairs, 4, .. bench.LatentHw];
        return new(
            randn(latents),
            randint(Timesteps, [bench.Pairs], ScalarType.Int64).repeat(2),
            new Conditioning(randn(bench.Pairs, bench.TextLength, bench.TextWidth)).Repeat(2),
            randn([bench.Pairs, .. latents[1..]]).repeat(2, 1, 1, 1),
            ones(bench.Pairs));
    }
}
