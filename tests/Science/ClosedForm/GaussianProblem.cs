using DiffusionDpo.Data.Randomness;
using DiffusionDpo.Models.Schedules;
using DiffusionDpo.Models.UNets;
using DiffusionDpo.Training.Batches;
using DiffusionDpo.Training.Objectives;
using DiffusionDpo.Training.Steps;
using TorchSharp;
using static TorchSharp.torch;

namespace Science.ClosedForm;

/// <summary>
/// Data N(μ, s²) in one dimension, an exact reference, a policy that subtracts δ from its prediction, Bradley–Terry labels of slope k. With shared
/// noise the population optimum is δ* = k·v/(2·b·σ_t·α_t), v = α²s² + σ², b = β/2. It checks sign, factor ½, norm, schedule and noise sharing at once.
/// </summary>
/// <param name="schedule">The noise schedule.</param>
public sealed class GaussianProblem(NoiseSchedule schedule)
{
    private const double Mean = 0.3, Deviation = 1, Slope = 1.5, Beta = 2;

    /// <summary>Pairs of the sample.</summary>
    public int Samples { get; init; } = 400_000;

    public long Seed { get; init; } = 3;

    /// <summary>δ*.</summary>
    public double Expected(int timestep)
    {
        (double alpha, double sigma) = Levels(timestep);
        return Slope * ((alpha * alpha * Deviation * Deviation) + (sigma * sigma)) / (2 * (Beta / 2) * sigma * alpha);
    }

    /// <summary>
    /// The optimum over δ* were the noise not shared: the logit of θ·δ* is θ·k·(Δx − (α·s²/σ)·Δε), and θ solves E[(σ(logit) − σ(k·Δx))·(logit/θ)] = 0,
    /// here by quadrature over the two normal variables and bisection.
    /// </summary>
    public double ExpectedShareWithoutSharing(int timestep)
    {
        (double alpha, double sigma) = Levels(timestep);
        (double low, double high) = (0, 1);
        for (int i = 0; i < 40; i++)
        {
            double middle = (low + high) / 2;
            if (Derivative(middle) > 0) high = middle;
            else low = middle;
        }

        return low;

        double Derivative(double share)
        {
            const double step = 0.1, reach = 7;
            double sum = 0, signal = Slope * Math.Sqrt(2) * Deviation, noise = signal * alpha * Deviation / sigma;
            for (double x = -reach; x <= reach; x += step)
            {
                for (double y = -reach; y <= reach; y += step)
                {
                    double logit = (signal * x) - (noise * y);
                    sum += Math.Exp(-((x * x) + (y * y)) / 2) * (Sigmoid(share * logit) - Sigmoid(signal * x)) * logit;
                }
            }

            return sum;
        }
    }

    /// <summary>The minimum of the sampled loss. Newton's method on its derivative, by secants; the loss is convex in δ.</summary>
    public double Optimum(int timestep, bool shareNoise)
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

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    private (double Alpha, double Sigma) Levels(int timestep) =>
        (Math.Sqrt(schedule.AlphasCumprod[timestep]), Math.Sqrt(1 - schedule.AlphasCumprod[timestep]));

    private DenoisingBatch Draw(int timestep, bool shareNoise)
    {
        var draws = new PairDraws(Seed, [new(0, timestep)], CPU);
        Tensor Normal(DrawPurpose purpose) => draws.Normal(purpose, [Samples], ScalarType.Float64).view(Samples, 1, 1, 1);
        Tensor a = (Normal(DrawPurpose.WinnerPosterior) * Deviation) + Mean, b = (Normal(DrawPurpose.LoserPosterior) * Deviation) + Mean;
        var labels = new float[Samples];
        new CounterRandom(Seed, 1, timestep, DrawPurpose.Synthesis).FillUniform(labels);
        Tensor firstWins = tensor(labels).view(Samples, 1, 1, 1) < ((a - b) * Slope).sigmoid();
        Tensor latents = cat([where(firstWins, a, b), where(firstWins, b, a)]);
        Tensor noise = Normal(DrawPurpose.Noise), times = full([Samples], timestep, ScalarType.Int64);
        Tensor weights = ones(Samples, ScalarType.Float64);
        Conditioning nothing = new(zeros(2 * Samples, 1, 1));
        if (shareNoise) return DenoisingBatch.Of(schedule, latents, new(noise, times), nothing, weights);
        Tensor both = cat([noise, Normal(DrawPurpose.HeldOutNoise)]), timesBoth = times.repeat(2);
        return new(schedule.AddNoise(latents, both, timesBoth), timesBoth, nothing, both, weights);
    }

    /// <summary>The exact noise prediction, minus δ.</summary>
    private sealed class Shifted(double signalShare, Tensor delta) : nn.Module<Tensor, Tensor, Conditioning, Tensor>(nameof(Shifted))
    {
        public Tensor Delta { get; set; } = delta;

        public override Tensor forward(Tensor sample, Tensor timesteps, Conditioning conditioning)
        {
            double alpha = Math.Sqrt(signalShare), sigma = Math.Sqrt(1 - signalShare);
            return ((sample - (alpha * Mean)) * (sigma / ((alpha * alpha * Deviation * Deviation) + (sigma * sigma)))) - Delta;
        }
    }
}
