using DiffusionDpo.Training.Batches;
using DiffusionDpo.Training.Objectives;
using DiffusionDpo.Training.Steps;
using Xunit;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.Tests.Steps;

/// <summary>Networks that compute in bf16, errors in float32, weights changed in float32.</summary>
public sealed class HalfPrecisionTests : TorchTest
{
    private const double Beta = 5000, LogitBudget = 1e-3;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_first_step_in_bf16_is_ln_2_and_ties_to_the_bit(int accumulation)
    {
        using var run = new TinyRun(new SigmoidObjective(Beta), accumulation, ScalarType.BFloat16);
        ObjectiveValue value = run.Evaluate(run.Batch(0, 3));
        Assert.Equal(0, value.Logits!.abs().max().item<float>());
        Assert.Equal(MathF.Log(2), value.Loss.item<float>());
        int next = 0;
        StepReport report = run.Step.Run(() => run.Batch(2 * next++, 2), CancellationToken.None);
        Assert.Equal((MathF.Log(2), 0.5, 0), (report.Loss, report.ImplicitAccuracy, report.RewardMargin));
        Assert.True(report.GradientNorm > 0);
    }

    [Fact]
    public void The_network_is_in_bf16_and_what_is_trained_is_not()
    {
        using var run = new TinyRun(new SigmoidObjective(Beta), type: ScalarType.BFloat16);
        Assert.All(run.Policy.parameters(), each => Assert.Equal(ScalarType.BFloat16, each.dtype));
        Assert.All(run.State.Files().SelectMany(file => file.Tensors), each => Assert.Equal(ScalarType.Float32, each.Tensor.dtype));
    }

    /// <summary>The same predictions in bf16, reduced in three formats: the logit is β times a difference of nearly equal means.</summary>
    [Theory]
    [InlineData(ScalarType.BFloat16)]
    [InlineData(ScalarType.Float16)]
    public void Errors_reduced_in_half_precision_would_break_the_budget_of_the_logit_and_ours_keep_it(ScalarType half)
    {
        using var run = new TinyRun(new SigmoidObjective(Beta), type: ScalarType.BFloat16);
        run.Perturb(1e-3);
        using IDisposable noGradient = no_grad();
        DenoisingBatch batch = run.Batch(0, 32);
        Tensor policy = run.Policy.call(batch.NoisyLatents, batch.Timesteps, batch.Conditioning);
        Tensor reference = run.Reference.call(batch.NoisyLatents, batch.Timesteps, batch.Conditioning);
        batch = batch with { Target = reference.to(ScalarType.Float32) + (batch.Target * 0.3) }; // errors about 0.1, as of a trained network
        Tensor exact = Logits(ScalarType.Float64), ours = run.Evaluate(batch).Logits!;
        Assert.True(exact.abs().max().item<double>() > 0.1);
        Assert.InRange((ours.@double() - exact).abs().max().item<double>(), 0, LogitBudget);
        double noise = (Logits(half).@double() - exact).std().item<double>();
        TestContext.Current.SendDiagnosticMessage($"logits reduced in {half}: noise of {noise:G3}");
        Assert.True(noise > 50 * LogitBudget, $"{noise}");

        Tensor Errors(Tensor prediction, ScalarType type)
        {
            Tensor difference = prediction.to(type) - batch.Target.to(type);
            return (difference * difference).mean([1, 2, 3]);
        }

        Tensor Logits(ScalarType type)
        {
            Tensor[] excess = (Errors(policy, type) - Errors(reference, type)).chunk(2);
            return (excess[0] - excess[1]).mul(-0.5 * Beta);
        }
    }

    /// <summary>The gradients of a step of one micro-batch stay in bf16, those of several are added up in float32.</summary>
    [Fact]
    public void Micro_batches_are_added_up_in_float32()
    {
        using var run = new TinyRun(new SigmoidObjective(Beta), accumulation: 2, type: ScalarType.BFloat16);
        run.Perturb(1e-3);
        Tensor first = run.Gradient(run.Batch(0, 1)), second = run.Gradient(run.Batch(1, 1));
        run.Parameters.ZeroGradients();
        foreach (int pair in new[] { 0, 1 })
        {
            run.Evaluate(run.Batch(pair, 1)).Loss.backward();
            run.Parameters.CollectGradients();
        }

        Assert.True((first + second).equal(run.Parameters.Gradients).all().item<bool>());
        Assert.False((first + second).to(ScalarType.BFloat16).to(ScalarType.Float32).equal(run.Parameters.Gradients).all().item<bool>());
    }

    [Fact]
    public void A_step_is_the_same_however_the_gradients_of_one_micro_batch_are_kept()
    {
        using var once = new TinyRun(new SigmoidObjective(Beta), accumulation: 1, type: ScalarType.BFloat16);
        using var summed = new TinyRun(new SigmoidObjective(Beta), accumulation: 2, type: ScalarType.BFloat16);
        foreach (TinyRun run in new[] { once, summed })
        {
            run.Perturb(1e-3);
            run.Gradient(run.Batch(0, 2));
            run.Optimizer.Step(1e-4, Training.Parameters.FlatParameters.ClippingScale(run.Parameters.GradientNorm(), 1));
        }

        Assert.NotEqual(once.Parameters.Gradients.dtype, summed.Parameters.Gradients.dtype);
        Assert.True(once.Parameters.Values.equal(summed.Parameters.Values).all().item<bool>());
    }

    [Fact]
    public void Bf16_gradients_are_near_those_of_float32()
    {
        using var single = new TinyRun(new SigmoidObjective(Beta));
        using var half = new TinyRun(new SigmoidObjective(Beta), type: ScalarType.BFloat16);
        Tensor expected = single.Gradient(single.Batch(0, 4)), actual = half.Gradient(half.Batch(0, 4));
        Assert.InRange(Shared.Goldens.RelativeL2(actual, expected), 0, 0.1);
    }
}
