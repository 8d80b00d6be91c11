using DiffusionDpo.Api.Options;
using DiffusionDpo.Data.Randomness;
using DiffusionDpo.Models.Adapters;
using DiffusionDpo.Models.UNets;
using DiffusionDpo.Training.Batches;
using DiffusionDpo.Training.Objectives;
using DiffusionDpo.Training.Parameters;
using DiffusionDpo.Training.Steps;
using Xunit;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.Tests.Steps;

/// <summary>Gradients of activations that are computed again are those of activations that are kept, to the bit.</summary>
public sealed class RecomputedActivationsTests : TorchTest
{
    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.BFloat16)]
    [InlineData(ScalarType.Float64)]
    public void Gradients_of_all_parameters_are_the_same_bits(ScalarType type)
    {
        using var run = new TinyRun(new SigmoidObjective(5000), type: type);
        run.Perturb(1e-3);
        AssertSame(run.Parameters, run.Policy, batch => Loss(run, batch), run.Batch(0, 3));
    }

    [Fact]
    public void Gradients_of_losses_without_a_reference_are_the_same_bits()
    {
        using var run = new TinyRun(new SftObjective());
        AssertSame(run.Parameters, run.Policy, batch => Loss(run, batch), run.Batch(0, 3));
    }

    /// <summary>As with adapters inside a frozen network: only some linear layers, none of them in the first or the last segment.</summary>
    [Theory]
    [InlineData("attn2.to_q.weight")]
    [InlineData("time_embedding.linear_1.bias")]
    [InlineData("down_blocks.0.resnets.0.conv1.weight")]
    [InlineData("up_blocks.2.attentions.1.proj_out.weight")]
    [InlineData("conv_in.bias")]
    [InlineData("conv_out.bias")]
    public void Gradients_of_some_parameters_are_the_same_bits(string trained)
    {
        using var run = new TinyRun(new SigmoidObjective(5000));
        using UNet2DConditionModel network = TinyRun.Load(
            Shared.Goldens.Path(TinyRun.Tag, "unet", "config.json"), Directory.GetFiles(Shared.Goldens.Path(TinyRun.Tag, "unet"), "*.safetensors").Single());
        foreach ((string name, TorchSharp.Modules.Parameter parameter) in network.named_parameters())
            parameter.requires_grad_(name.EndsWith(trained, StringComparison.Ordinal));
        using var parameters = FlatParameters.Of(network);
        Assert.NotEmpty(parameters.Slices);
        AssertSame(parameters, network, batch => prediction => run.Step.Objective.Evaluate(
            DenoisingErrors.Of(prediction, batch), run.Step.Reference.Errors(batch), batch.Weights).Loss, run.Batch(0, 2));
    }

    /// <summary>The reference is asked between the two passes, with the adapters off; the second finds them on.</summary>
    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.BFloat16)]
    public void Gradients_of_adapters_are_the_same_bits(ScalarType type)
    {
        using var run = new TinyRun(new SigmoidObjective(5000), type: type);
        foreach (var parameter in run.Reference.parameters()) parameter.requires_grad_(false);
        AdapterOptions options = new AdapterOptions { Type = AdapterType.Lora, Rank = 4 }.WithDefaults();
        using LoraAdapters adapters = LoraAdapters.Attach(run.Reference, options, new CounterRandom(1, 0, 0, DrawPurpose.Initialization).FillUniform);
        using FlatParameters parameters = FlatParameters.Of(adapters.Slots(), type, sumsGradients: false);
        parameters.Values.add_(arange(parameters.Values.numel()).sin(), alpha: 0.05);
        parameters.UpdateNetwork();
        IReference reference = new AdaptersOff(run.Reference, adapters);
        AssertSame(parameters, run.Reference, batch => prediction => run.Step.Objective.Evaluate(
            DenoisingErrors.Of(prediction, batch), reference.Errors(batch), batch.Weights).Loss, run.Batch(0, 2));
    }

    [Fact]
    public void A_whole_step_is_the_same_bits_with_accumulation_and_after_a_failure()
    {
        using var kept = new TinyRun(new SigmoidObjective(5000), accumulation: 2);
        using var run = new TinyRun(new SigmoidObjective(5000), accumulation: 2);
        using var recomputed = new RecomputedActivations(run.Policy);
        TrainingStep step = With(run.Step, recomputed);
        recomputed.Predict(run.Batch(9, 1)); // whose backward pass never comes
        foreach ((TinyRun of, TrainingStep each) in new[] { (kept, kept.Step), (run, step) })
        {
            for (int i = 0; i < 3; i++)
            {
                int next = 0;
                each.Run(() => of.Batch(2 * next++, 2), CancellationToken.None);
            }
        }

        Assert.True(kept.Parameters.Values.equal(run.Parameters.Values).all().item<bool>());
    }

    internal static TrainingStep With(TrainingStep step, IBackpropagation backpropagation) => new()
    {
        Policy = step.Policy, Parameters = step.Parameters, Reference = step.Reference, Objective = step.Objective, Optimizer = step.Optimizer,
        PolicyErrors = step.PolicyErrors, LearningRate = step.LearningRate, MaxGradientNorm = step.MaxGradientNorm, Accumulation = step.Accumulation, Clock = step.Clock,
        Backpropagation = backpropagation,
    };

    private static Func<Tensor, Tensor> Loss(TinyRun run, DenoisingBatch batch) => prediction =>
        run.Step.Objective.Evaluate(DenoisingErrors.Of(prediction, batch), run.Step.Reference.Errors(batch), batch.Weights).Loss;

    private static void AssertSame(FlatParameters parameters, UNet2DConditionModel network, Func<DenoisingBatch, Func<Tensor, Tensor>> loss, DenoisingBatch batch)
    {
        using var recomputed = new RecomputedActivations(network);
        Tensor[] gradients = [.. new IBackpropagation[] { new KeptActivations(network), recomputed }.Select(way =>
        {
            parameters.ZeroGradients();
            way.Backward(loss(batch)(way.Predict(batch)));
            return parameters.Gradients.clone();
        })];
        Assert.True(gradients[0].abs().max().@double().item<double>() > 0);
        Assert.All(parameters.Named(gradients[0]).Zip(parameters.Named(gradients[1])), each =>
            Assert.True(each.First.Tensor.equal(each.Second.Tensor).all().item<bool>(), each.First.Name));
    }
}
