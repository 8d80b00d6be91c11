using DiffusionDpo.Models.Schedules;
using DiffusionDpo.Shared;
using DiffusionDpo.Training.Batches;
using DiffusionDpo.Training.Objectives;
using DiffusionDpo.Training.Steps;
using Xunit;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.Tests.Batches;

public sealed class MinimumSnrTests : TorchTest
{
    private const double Gamma = 5;

    private static readonly double[] Ratios = [0, 1e-12, 0.1, 1, 4.9999, 5, 5.0001, 20, 1177, 1e300];

    [Fact]
    public void Weights_are_those_of_the_formula()
    {
        double[] noise = [.. MinimumSnr.OfNoise(tensor(Ratios), Gamma).data<double>()], velocity = [.. MinimumSnr.OfVelocity(tensor(Ratios), Gamma).data<double>()];
        foreach ((int i, double ratio) in Ratios.Index())
        {
            Assert.Equal(ratio <= Gamma ? 1 : Gamma / ratio, noise[i], 1e-15);
            Assert.Equal((ratio < Gamma ? ratio : Gamma) / (ratio + 1), velocity[i], 1e-15);
        }
    }

    /// <summary>ᾱ of the schedule as design and paper print it, to four digits.</summary>
    [Theory]
    [InlineData(0, 0.9991)]
    [InlineData(100, 0.8942)]
    [InlineData(500, 0.2763)]
    [InlineData(999, 0.0047)]
    public void Signal_to_noise_is_that_of_the_schedule(int timestep, double alpha)
    {
        using NoiseSchedule schedule = NoiseSchedule.Load(Goldens.Path(TinyRun.Tag));
        double ratio = schedule.SignalToNoise(tensor(new long[] { timestep })).item<double>();
        Assert.Equal(alpha, ratio / (1 + ratio), 5e-5);
    }

    [Fact]
    public void A_batchs_weights_multiply_the_errors_of_policy_and_reference_alike()
    {
        using var run = new TinyRun(new SigmoidObjective(5000));
        run.Perturb(1e-3);
        DenoisingBatch plain = run.Batch(0, 2), weighted = plain with { ErrorWeights = tensor(new[] { 0.5, 0.25, 0.5, 0.25 }) };
        Tensor expected = DenoisingErrors.Of(run.Policy, plain) * tensor(new[] { 0.5f, 0.25f, 0.5f, 0.25f });
        Assert.True(expected.equal(DenoisingErrors.Of(run.Policy, weighted)).all().item<bool>());
        Assert.True(expected.equal(new SafeguardedErrors(0).Of(new KeptActivations(run.Policy).Predict(weighted), weighted)).all().item<bool>());
        Tensor logits = run.Evaluate(plain).Logits!, scaled = run.Evaluate(weighted).Logits!;
        Assert.InRange(((logits * tensor(new[] { 0.5f, 0.25f })) - scaled).abs().max().item<float>(), 0, 1e-3);
    }
}
