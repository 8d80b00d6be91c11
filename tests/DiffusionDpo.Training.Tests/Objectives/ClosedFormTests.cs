using DiffusionDpo.Data.Randomness;
using DiffusionDpo.Models.Schedules;
using DiffusionDpo.Shared;
using DiffusionDpo.Training.Batches;
using DiffusionDpo.Training.Objectives;
using DiffusionDpo.Training.Steps;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.Tests.Objectives;

/// <summary>
/// Data N(μ, s²) in one dimension, an exact reference, a policy that subtracts δ from its prediction, Bradley–Terry labels of slope k. With shared
/// noise the population optimum is δ* = k·v/(2·b·σ_t·α_t), v = α²s² + σ², b = β/2. It checks sign, factor ½, norm, schedule and noise sharing at once.
/// </summary>
public sealed class ClosedFormTests : TorchTest
{
    private const int Samples = 400_000;
    private const double Mean = 0.3, Deviation = 1, Slope = 1.5, Beta = 2;

    private readonly NoiseSchedule schedule = NoiseSchedule.Load(Goldens.Path(TinyRun.Tag));

    [Theory]
    [InlineData(100)]
    [InlineData(500)]
    [InlineData(900)]
    public void The_optimum_is_the_closed_form(int timestep) =>
        Assert.Equal(1, Optimum(timestep, shareNoise: true) / Expected(timestep), 0.01);

    /// <summary>The negative control: were the noise not shared, this optimum would be another.</summary>
    [Theory]
    [InlineData(100, 0.064)]
    [InlineData(500, 0.592)]
    [InlineData(900, 0.974)]
    public void Independent_noise_shrinks_the_optimum(int timestep, double share) =>
        Assert.Equal(share, Optimum(timestep, shareNoise: false) / Expected(timestep), 0.01);

    private double Expected(int timestep)
    {
        double alpha = Math.Sqrt(schedule.AlphasCumprod[timestep]), sigma = Math.Sqrt(1 - schedule.AlphasCumprod[timestep]);
        double variance = (alpha * alpha * Deviation * Deviation) + (sigma * sigma);
        return Slope * variance / (2 * (Beta / 2) * sigma * alpha);
    }

    /// <summary>Newton's method on the derivative of the sampled loss, by secants; the loss is convex in δ.</summary>
    private double Optimum(int timestep, bool shareNoise)
    {
        using DisposeScope scope = NewDisposeScope();
        DenoisingBatch batch = Draw(timestep, shareNoise);
        var policy = new Shifted(schedule.AlphasCumprod[timestep], zeros(1, ScalarType.Float64, requires_grad: true));
        Tensor reference;
        using (no_grad()) reference = DenoisingErrors.Of(policy, batch);
        double before = 0, slopeBefore = Derivative(0), at = Expected(timestep) / 2;
        for (int i = 0; i < 12 && Math.Abs(at - before) > 1e-7; i++)
        {
            double slope = Derivative(at);
            double next = at - (slope * (at - before) / (slope - slopeBefore));
            (before, slopeBefore, at) = (at, slope, next);
        }

        return at;

        double Derivative(double delta)
        {
            using DisposeScope inner = NewDisposeScope();
            policy.Delta = full([1], delta, ScalarType.Float64, requires_grad: true);
            new SigmoidObjective(Beta).Evaluate(DenoisingErrors.Of(policy, batch), reference, batch.Weights).Loss.backward();
            return policy.Delta.grad!.item<double>();
        }
    }

    private DenoisingBatch Draw(int timestep, bool shareNoise)
    {
        var draws = new PairDraws(3, [new(0, timestep)], CPU);
        Tensor Normal(DrawPurpose purpose) => draws.Normal(purpose, [Samples], ScalarType.Float64).view(Samples, 1, 1, 1);
        Tensor a = (Normal(DrawPurpose.WinnerPosterior) * Deviation) + Mean, b = (Normal(DrawPurpose.LoserPosterior) * Deviation) + Mean;
        var labels = new float[Samples];
        new CounterRandom(3, 1, timestep, DrawPurpose.Synthesis).FillUniform(labels);
        Tensor firstWins = tensor(labels).view(Samples, 1, 1, 1) < ((a - b) * Slope).sigmoid();
        Tensor latents = cat([where(firstWins, a, b), where(firstWins, b, a)]);
        Tensor noise = Normal(DrawPurpose.Noise), times = full([Samples], timestep, ScalarType.Int64);
        Tensor weights = ones(Samples, ScalarType.Float64), text = zeros(Samples, 1, 1);
        if (shareNoise) return DenoisingBatch.Of(schedule, latents, new(noise, times), text, weights);
        Tensor both = cat([noise, Normal(DrawPurpose.HeldOutNoise)]), timesBoth = times.repeat(2);
        return new(schedule.AddNoise(latents, both, timesBoth), timesBoth, text.repeat(2, 1, 1), both, weights);
    }

    /// <summary>The exact noise prediction, minus δ.</summary>
    private sealed class Shifted(double signalShare, Tensor delta) : nn.Module<Tensor, Tensor, Tensor, Tensor>(nameof(Shifted))
    {
        public Tensor Delta { get; set; } = delta;

        public override Tensor forward(Tensor sample, Tensor timesteps, Tensor text)
        {
            double alpha = Math.Sqrt(signalShare), sigma = Math.Sqrt(1 - signalShare);
            return ((sample - (alpha * Mean)) * (sigma / ((alpha * alpha * Deviation * Deviation) + (sigma * sigma)))) - Delta;
        }
    }
}
