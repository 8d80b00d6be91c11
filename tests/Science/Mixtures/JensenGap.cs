using DiffusionDpo.Models.Schedules;
using DiffusionDpo.Training.Batches;
using DiffusionDpo.Training.Objectives;
using DiffusionDpo.Training.Steps;
using TorchSharp;
using static TorchSharp.torch;

namespace Science.Mixtures;

/// <summary>
/// What noise in the logit does to the optimum, to second order in the reward: with g the logit of the exact tilt and Δr the difference of rewards,
/// the best multiple of the tilt is E[g·Δr]/E[g²]. Without noise g = Δr and it is 1; the variance of g over (t, ε) makes it smaller.
/// </summary>
public static class JensenGap
{
    private const int Pairs = 8192;
    private const double Small = 8; // λ of a tilt so small that second order suffices

    /// <summary>The share of the tilt that remains with so many draws inside the sigmoid.</summary>
    public static double Predicted(RingRun run, RingMixture mixture, NoiseSchedule schedule)
    {
        using IDisposable noGradient = no_grad();
        using var tilted = new TiltedMixture(mixture, RingMixture.TiltedWeights(Small));
        using var reference = new TiltedMixture(mixture);
        var pairs = new RingPairs(mixture, schedule) { Draws = run.Draws, UniformInLogRatio = run.UniformInLogRatio, Seed = run.Seed + 2_000_000 };
        var objective = new AveragedDraws(new SigmoidObjective(pairs.Beta(Small)), run.Draws);
        (double product, double square) = (0, 0);
        int atOnce = Math.Max(1, 8192 / run.Draws);
        for (int done = 0; done < Pairs; done += atOnce)
        {
            using DisposeScope scope = NewDisposeScope();
            DenoisingBatch batch = pairs.Batch(done, atOnce, out double[] margins);
            double[] logits = [.. objective.Evaluate(DenoisingErrors.Of(tilted, batch), DenoisingErrors.Of(reference, batch), batch.Weights).Logits!.to(ScalarType.Float64).data<double>()];
            product += logits.Zip(margins, (logit, margin) => logit * margin).Sum();
            square += logits.Sum(logit => logit * logit);
        }

        return product / square;
    }
}
