using DiffusionDpo.Models.Schedules;
using DiffusionDpo.Models.UNets;
using TorchSharp;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.Batches;

/// <summary>
/// What the networks are asked about n pairs: rows are n winners then n losers, or n winners alone. Winner and loser of a pair share
/// timestep, noise and text. The tensors belong to the dispose scope it was made in.
/// </summary>
/// <param name="NoisyLatents">x_t [2n or n, C, h, w], in the networks' number format.</param>
/// <param name="Timesteps">t [2n or n], int64.</param>
/// <param name="Conditioning">What the networks are told of each row, in their number format.</param>
/// <param name="Target">What is to be predicted, ε or v [2n or n, C, h, w], in float32 or float64.</param>
/// <param name="Weights">[n]: 1, or 0 for a pair that contributes nothing.</param>
public sealed record DenoisingBatch(Tensor NoisyLatents, Tensor Timesteps, Conditioning Conditioning, Tensor Target, Tensor Weights)
{
    /// <summary>[2n or n]: what each row's error is multiplied by, the same for winner and loser of a pair; null: 1.</summary>
    public Tensor? ErrorWeights { get; init; }

    /// <summary>Which visits to pairs of the run these are; null: of none.</summary>
    public PairVisits? Visits { get; init; }

    /// <summary>n.</summary>
    public long Pairs => Weights.shape[0];

    /// <summary>Adds the noise, the same to winner and loser of a pair.</summary>
    /// <param name="schedule">The forward process.</param>
    /// <param name="latents">Clean latents x_0, scaled, in float32 or float64: n winners and then, if losers are asked about, n losers.</param>
    /// <param name="shared">What is drawn once for each pair.</param>
    /// <param name="conditioning">Of every row of <paramref name="latents"/>, in the networks' number format, in which the noisy latents are given too; not copied.</param>
    /// <param name="weights">[n].</param>
    public static DenoisingBatch Of(NoiseSchedule schedule, Tensor latents, PairNoise shared, Conditioning conditioning, Tensor weights)
    {
        using DisposeScope scope = NewDisposeScope();
        long copies = latents.shape[0] / weights.shape[0];
        Tensor noise = shared.Noise.repeat(copies, 1, 1, 1);
        Tensor timesteps = shared.Timesteps.repeat(copies);
        var batch = new DenoisingBatch(
            schedule.AddNoise(latents, noise, timesteps).to(conditioning.TextStates.dtype), timesteps, conditioning,
            schedule.Target(latents, noise, timesteps), weights);
        scope.MoveToOuter(batch.NoisyLatents, batch.Timesteps, batch.Target);
        return batch;
    }
}

/// <summary>The draws that winner and loser of a pair share.</summary>
/// <param name="Noise">ε [n, C, h, w].</param>
/// <param name="Timesteps">t [n], int64.</param>
public sealed record PairNoise(Tensor Noise, Tensor Timesteps);
