using DiffusionDpo.Data.Randomness;
using DiffusionDpo.Shared;
using DiffusionDpo.Training.Batches;
using DiffusionDpo.Training.Objectives;
using DiffusionDpo.Training.Parameters;
using DiffusionDpo.Training.Steps;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.Tests.Steps;

/// <summary>What must hold of the gradient whatever the weights are, in float64.</summary>
public sealed class GradientTests : TorchTest
{
    private const double Beta = 5000;

    private readonly TinyRun run = new(new SigmoidObjective(Beta), type: ScalarType.Float64);

    [Fact]
    public void At_the_start_every_logit_is_zero_and_the_gradient_is_that_of_the_errors()
    {
        DenoisingBatch batch = run.Batch(0, 3);
        Assert.Equal(0, run.Evaluate(batch).Logits!.abs().max().item<double>());
        Assert.Equal(Math.Log(2), run.Evaluate(batch).Loss.item<double>());
        Tensor gradient = run.Gradient(batch);
        run.Parameters.ZeroGradients();
        Tensor[] errors = DenoisingErrors.Of(run.Policy, batch).chunk(2);
        ((errors[0] - errors[1]).mean() * (Beta / 4)).backward();
        AssertClose(run.Parameters.Gradients, gradient);
    }

    [Fact]
    public void At_the_start_every_logit_is_zero_in_float32_too()
    {
        using var single = new TinyRun(new SigmoidObjective(Beta));
        ObjectiveValue value = single.Evaluate(single.Batch(0, 3));
        Assert.Equal(0, value.Logits!.abs().max().item<float>());
        Assert.Equal(MathF.Log(2), value.Loss.item<float>());
    }

    /// <summary>A small β keeps the third derivative small, so that central differences reach the tolerance.</summary>
    [Fact]
    public void Finite_differences_agree_on_200_parameters()
    {
        const double h = 1e-5;
        using var gentle = new TinyRun(new SigmoidObjective(50), type: ScalarType.Float64);
        gentle.Perturb(1e-3);
        DenoisingBatch batch = gentle.Batch(0, 1);
        Tensor gradient = gentle.Gradient(batch), reference = gentle.Step.Reference.Errors(batch)!;
        var pick = new CounterRandom(5, 0, 0, DrawPurpose.Synthesis);
        double[] analytic = new double[200], numeric = new double[200];
        using IDisposable noGradient = no_grad();
        for (int i = 0; i < analytic.Length; i++)
        {
            ParameterSlice slice = gentle.Parameters.Slices[pick.NextInt(gentle.Parameters.Slices.Count)];
            long at = slice.Offset + pick.NextInt((int)slice.Length);
            analytic[i] = gradient[at].item<double>();
            numeric[i] = (Loss(at, h) - Loss(at, -h)) / (2 * h);
        }

        Assert.InRange(Goldens.RelativeL2(tensor(numeric), tensor(analytic)), 0, 1e-7);

        double Loss(long at, double offset)
        {
            using DisposeScope scope = NewDisposeScope();
            double value = gentle.Parameters.Values[at].item<double>();
            gentle.Parameters.Values[at] = tensor(value + offset);
            double loss = gentle.Step.Objective.Evaluate(DenoisingErrors.Of(gentle.Policy, batch), reference, batch.Weights).Loss.item<double>();
            gentle.Parameters.Values[at] = tensor(value);
            return loss;
        }
    }

    [Fact]
    public void Swapping_winner_and_loser_flips_the_logit()
    {
        run.Perturb(1e-3);
        Tensor logits = run.Evaluate(run.Batch([0, 1, 2])).Logits!, swapped = run.Evaluate(run.Batch([0, 1, 2], swap: true)).Logits!;
        Assert.True(logits.abs().min().item<double>() > 0);
        AssertClose(logits, swapped.neg());
    }

    [Fact]
    public void The_order_of_pairs_does_not_matter()
    {
        run.Perturb(1e-3);
        AssertClose(run.Gradient(run.Batch([0, 1, 2, 3])), run.Gradient(run.Batch([2, 0, 3, 1])));
    }

    [Fact]
    public void The_split_into_micro_batches_does_not_matter()
    {
        run.Perturb(1e-3);
        Tensor whole = run.Gradient(run.Batch(0, 4));
        AssertClose(whole, run.Gradient(run.Batch(0, 2), run.Batch(2, 2)));
        AssertClose(whole, run.Gradient(run.Batch(0, 1), run.Batch(1, 1), run.Batch(2, 1), run.Batch(3, 1)));
    }

    [Fact]
    public void A_pair_of_weight_zero_is_as_if_it_were_not_there()
    {
        run.Perturb(1e-3);
        Tensor with = run.Gradient(run.Batch([0, 1, 2, 3], weights: [1, 0, 1, 0]));
        AssertClose(run.Gradient(run.Batch([0, 2])) / 2, with);
    }

    [Fact]
    public void Equal_images_give_no_logit_and_no_gradient()
    {
        run.Perturb(1e-3);
        DenoisingBatch batch = run.Batch([0, 1], equal: true);
        Assert.InRange(run.Evaluate(batch).Logits!.abs().max().item<double>(), 0, 1e-9);
        double scale = run.Gradient(run.Batch([0, 1])).norm().item<double>();
        Assert.InRange(run.Gradient(batch).norm().item<double>() / scale, 0, 1e-9);
    }

    private static void AssertClose(Tensor expected, Tensor actual) => Assert.InRange(Goldens.RelativeL2(actual, expected), 0, 1e-6);
}
