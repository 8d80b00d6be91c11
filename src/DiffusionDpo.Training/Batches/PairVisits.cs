using DiffusionDpo.Data.Loading;

namespace DiffusionDpo.Training.Batches;

/// <summary>The visits to pairs that a batch is made of. A visit's draws are all fixed by its number.</summary>
/// <param name="AreHeldOut">Whether the pairs are measured and not trained on.</param>
/// <param name="Numbers">[n] In training the global index; in a measurement index · timesteps of a pair + number of the timestep.</param>
public sealed record PairVisits(bool AreHeldOut, IReadOnlyList<long> Numbers)
{
    /// <summary>Visits of training.</summary>
    /// <param name="pairs">n pairs.</param>
    public static PairVisits OfTraining(IReadOnlyList<PreferencePair> pairs) => new(false, [.. pairs.Select(pair => pair.GlobalIndex)]);

    /// <summary>Visits of a measurement.</summary>
    /// <param name="pairs">n pairs.</param>
    /// <param name="stratum">Which of each pair's timesteps, from 0.</param>
    /// <param name="timesteps">Timesteps of a pair.</param>
    public static PairVisits OfMeasurement(IReadOnlyList<PreferencePair> pairs, int stratum, int timesteps) =>
        new(true, [.. pairs.Select(pair => (pair.GlobalIndex * timesteps) + stratum)]);
}
