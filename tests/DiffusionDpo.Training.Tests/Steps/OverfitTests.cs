using DiffusionDpo.Api.Options;
using DiffusionDpo.Data.Randomness;
using DiffusionDpo.Models.Adapters;
using DiffusionDpo.Training.Batches;
using DiffusionDpo.Training.Objectives;
using DiffusionDpo.Training.Optimizers;
using DiffusionDpo.Training.Parameters;
using DiffusionDpo.Training.Steps;
using Xunit;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.Tests.Steps;

/// <summary>Sixteen pairs are learnt by heart with adapters of rank 4: the objective, its gradient and the adapters pull the same way.</summary>
public sealed class OverfitTests : TorchTest
{
    private const int Pairs = 16, Steps = 150, Rank = 4;
    private const double Beta = 2000, Anchor = 2000;

    [Fact]
    public void Sixteen_pairs_are_learnt_and_winners_are_not_unlearnt()
    {
        using var run = new TinyRun(ObjectiveList.For(new() { Beta = Beta, WinnerAnchor = Anchor }));
        foreach (var parameter in run.Policy.parameters()) parameter.requires_grad_(false);
        AdapterOptions options = new AdapterOptions { Type = AdapterType.Lora, Rank = Rank }.WithDefaults();
        using LoraAdapters adapters = LoraAdapters.Attach(run.Policy, options, new CounterRandom(1, 0, 0, DrawPurpose.Initialization).FillUniform);
        using FlatParameters parameters = FlatParameters.Of(adapters.Slots(), ScalarType.Float32, sumsGradients: false);
        using IOptimizer optimizer = OptimizerList.For(TinyRun.Rates with { LearningRate = 1e-2, WeightDecay = 0 }, parameters);
        IReference reference = new AdaptersOff(run.Policy, adapters);
        var step = new TrainingStep
        {
            Policy = run.Policy, Parameters = parameters, Reference = reference, Objective = run.Step.Objective, Optimizer = optimizer,
            LearningRate = new(1e-2, 0), MaxGradientNorm = 1, Accumulation = 1, Clock = new(TimeProvider.System),
        };
        DenoisingBatch batch = run.Batch(0, Pairs);
        for (int i = 0; i < Steps; i++) step.Run(() => batch, CancellationToken.None);

        using IDisposable noGradient = no_grad();
        ObjectiveValue learnt = new SigmoidObjective(Beta).Evaluate(DenoisingErrors.Of(run.Policy, batch), reference.Errors(batch), batch.Weights);
        Assert.Equal(1, learnt.Agreements!.mean().item<float>());
        Assert.InRange(learnt.Loss.item<float>(), 0, 0.1);
        Assert.True(learnt.Excess!.chunk(2)[0].mean().item<float>() <= 0, "the winners' error is above the reference's");
    }
}
