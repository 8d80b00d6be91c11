using System.Runtime.InteropServices;
using DiffusionDpo.Data.Randomness;
using DiffusionDpo.Models.Native;
using static TorchSharp.torch;

namespace DiffusionDpo.Training.Batches;

/// <summary>Random tensors with one row for each pair; a row is a pure function of (seed, epoch, index of the pair, purpose).</summary>
/// <param name="seed">The run's seed.</param>
/// <param name="positions">Epoch and global index of each pair.</param>
/// <param name="device">Where the tensors are wanted; they are drawn on the CPU, so that every device gets the same numbers.</param>
public sealed class PairDraws(long seed, IReadOnlyList<PairPosition> positions, Device device)
{
    /// <summary>Standard normal [n, …].</summary>
    /// <param name="purpose">What for.</param>
    /// <param name="rowShape">Shape of a row.</param>
    /// <param name="type">Element type; the numbers are drawn in float32.</param>
    public Tensor Normal(DrawPurpose purpose, ReadOnlySpan<long> rowShape, ScalarType type)
    {
        Tensor drawn = empty([positions.Count, .. rowShape], ScalarType.Float32);
        Span<float> values = MemoryMarshal.Cast<byte, float>(TorchNative.Bytes(drawn));
        int length = values.Length / Math.Max(1, positions.Count);
        for (int row = 0; row < positions.Count; row++) Stream(row, purpose).FillGaussian(values.Slice(row * length, length));
        return drawn.to(type).BroughtTo(device);
    }

    /// <summary>Uniform timesteps in [0, <paramref name="count"/>), [n] int64.</summary>
    /// <param name="count">Timesteps of the schedule.</param>
    public Tensor Timesteps(int count) => Timesteps(new TimestepRange(0, count));

    /// <summary>Uniform timesteps, [n] int64.</summary>
    /// <param name="range">Those that may be drawn.</param>
    public Tensor Timesteps(TimestepRange range) =>
        tensor(positions.Select((_, row) => (long)range.First + Stream(row, DrawPurpose.Timestep).NextInt(range.Count)).ToArray()).BroughtTo(device);

    /// <summary>
    /// Timesteps [n] int64 of one of several strata of [0, <paramref name="count"/>): each pair's timesteps are evenly spread, from an offset drawn for it.
    /// </summary>
    /// <param name="count">Timesteps of the schedule.</param>
    /// <param name="stratum">Which, from 0.</param>
    /// <param name="strata">How many.</param>
    public Tensor HeldOutTimesteps(int count, int stratum, int strata) =>
        tensor(positions.Select((_, row) => (long)((stratum + Stream(row, DrawPurpose.HeldOutTimestep).NextDouble()) * count / strata)).ToArray()).BroughtTo(device);

    private CounterRandom Stream(int row, DrawPurpose purpose) => new(seed, positions[row].Epoch, positions[row].Index, purpose);
}

/// <summary>Where a pair stands in the run.</summary>
/// <param name="Epoch">Pass over the data, from 0.</param>
/// <param name="Index">Its global index.</param>
public readonly record struct PairPosition(long Epoch, long Index);
