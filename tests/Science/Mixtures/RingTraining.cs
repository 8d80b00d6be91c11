using DiffusionDpo.Api.Options;
using DiffusionDpo.Models.UNets;
using DiffusionDpo.Training.Objectives;
using DiffusionDpo.Training.Optimizers;
using DiffusionDpo.Training.Parameters;
using DiffusionDpo.Training.Steps;
using static TorchSharp.torch;

namespace Science.Mixtures;

/// <summary>Trains a policy with the product's own step, objective and optimizer; the reference is the exact mixture.</summary>
public sealed record RingTraining(double Beta, int Steps, int Pairs)
{
    public double LearningRate { get; init; } = 2e-3;

    public void Train(nn.Module<Tensor, Tensor, Conditioning, Tensor> policy, RingMixture mixture, RingPairs pairs)
    {
        using var reference = new TiltedMixture(mixture);
        using FlatParameters parameters = FlatParameters.Of(policy);
        using var optimizer = new AdamW(parameters, new OptimizerOptions { Beta1 = 0.9, Beta2 = 0.99, Epsilon = 1e-8, WeightDecay = 0 });
        using Tensor average = zeros_like(parameters.Values);
        for (int done = 0; done < Steps; done++)
        {
            var step = new TrainingStep
            {
                Policy = policy, Parameters = parameters, Reference = new FrozenReference(reference), Objective = new AveragedDraws(new SigmoidObjective(Beta), pairs.Draws),
                Optimizer = optimizer, LearningRate = new(LearningRate, 0), MaxGradientNorm = 1, Accumulation = 1, Clock = new(TimeProvider.System),
            };
            long at = done;
            step.Run(() => pairs.Batch(at, Pairs), CancellationToken.None);
            if (done >= Steps / 2) average.add_(parameters.Values);
        }

        using IDisposable noGradient = no_grad();
        parameters.Values.copy_(average / (Steps - (Steps / 2)));
    }
}
