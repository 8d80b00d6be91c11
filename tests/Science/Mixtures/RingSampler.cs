using DiffusionDpo.Data.Randomness;
using DiffusionDpo.Models.Schedules;
using DiffusionDpo.Models.UNets;
using DiffusionDpo.Training.Batches;
using TorchSharp;
using static TorchSharp.torch;

namespace Science.Mixtures;

/// <summary>Samples of a policy by the product's DDIM.</summary>
public static class RingSampler
{
    private const int Steps = 100;

    /// <summary>[n, 2, 1, 1].</summary>
    public static Tensor Sample(nn.Module<Tensor, Tensor, Conditioning, Tensor> policy, NoiseSchedule schedule, int count, long seed)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        ISampler sampler = Samplers.Create("ddim", schedule, Steps);
        var draws = new PairDraws(seed, [.. Enumerable.Range(0, count).Select(row => new PairPosition(0, row))], CPU);
        Tensor latents = draws.Normal(DrawPurpose.Sampling, [2, 1, 1], ScalarType.Float32) * sampler.InitNoiseSigma;
        Conditioning nothing = new(zeros(count, 1, 1));
        for (int step = 0; step < Steps; step++)
        {
            using DisposeScope inner = NewDisposeScope();
            Tensor timesteps = full([count], (long)sampler.Timesteps[step], ScalarType.Int64);
            Tensor prediction = policy.call(sampler.ScaleInput(latents, step), timesteps, nothing);
            latents = sampler.Step(prediction, latents, step).MoveToOuterDisposeScope();
        }

        return latents.MoveToOuterDisposeScope();
    }
}
