using DiffusionDpo.Api.Failures;
using DiffusionDpo.Training.Batches;

namespace DiffusionDpo.Training.ReferenceErrors;

/// <summary>The reference's errors on visit 0 to n − 1, as far as they are known.</summary>
internal sealed class VisitErrors
{
    private const int Most = 1 << 29; // 4 GiB of them

    private readonly float[] values; // winner and loser of each visit; NaN: not known

    /// <summary>None is known.</summary>
    /// <param name="count">n.</param>
    /// <exception cref="RunException">Configuration error: they are more than an array of this process holds.</exception>
    public VisitErrors(long count)
    {
        if (count > Most) throw new RunException(ExitClass.ConfigurationError, $"training.referenceCache: {count:N0} visits to pairs are more than the {Most:N0} that it can hold; set it to false");
        values = new float[2 * count];
        Array.Fill(values, float.NaN);
    }

    /// <summary>n.</summary>
    public long Count => values.Length / 2;

    /// <summary>How many are known.</summary>
    /// <param name="first">Visits before this one are not counted.</param>
    public long KnownFrom(long first)
    {
        long known = 0;
        for (long visit = first; visit < Count; visit++) known += Knows(visit) ? 1 : 0;
        return known;
    }

    /// <summary>[2n], winners then losers; null where one is not known.</summary>
    /// <param name="visits">n visits.</param>
    public float[]? Find(PairVisits visits)
    {
        if (!visits.Numbers.All(Knows)) return null;
        return [.. visits.Numbers.Select(visit => values[2 * visit]), .. visits.Numbers.Select(visit => values[(2 * visit) + 1])];
    }

    /// <summary>Takes an error in; those of visits beyond the last are passed over.</summary>
    /// <param name="error">The error.</param>
    public void Set(ReferenceError error)
    {
        if (error.Visit < 0 || error.Visit >= Count) return;
        (values[2 * error.Visit], values[(2 * error.Visit) + 1]) = (error.Winner, error.Loser);
    }

    private bool Knows(long visit) => visit < Count && !float.IsNaN(values[2 * visit]) && !float.IsNaN(values[(2 * visit) + 1]);
}

/// <summary>The reference's errors on a visit to a pair.</summary>
/// <param name="Visit">Its number.</param>
/// <param name="Winner">E_ref of the preferred image.</param>
/// <param name="Loser">E_ref of the other.</param>
internal readonly record struct ReferenceError(long Visit, float Winner, float Loser);
