namespace DiffusionDpo.Training.Checkpoints.Remote;

/// <summary>
/// Which checkpoints count: those of the newest attempt, and those that it descends from. What a process wrote after another had taken over its run is in nobody's history.
/// </summary>
/// <param name="attempts">All attempts of a run by their numbers.</param>
internal sealed class AttemptLineage(IReadOnlyDictionary<int, AttemptRecord> attempts)
{
    /// <summary>The number of the newest attempt; 0: there is none.</summary>
    public int Newest { get; } = attempts.Keys.DefaultIfEmpty(0).Max();

    /// <summary>Whether a checkpoint counts.</summary>
    /// <param name="attempt">The attempt that wrote it.</param>
    /// <param name="step">Its step.</param>
    public bool Holds(int attempt, int step)
    {
        int at = Newest;
        while (attempts.TryGetValue(at, out AttemptRecord? record) && record.Number != attempt)
        {
            // The records are of a bucket that others may write to: a chain that does not go back ends here.
            if (step > record.ParentStep || record.ParentAttempt >= at) return false;
            at = record.ParentAttempt;
        }

        return at == attempt;
    }
}
