using DiffusionDpo.Api.FineTunes;
using DiffusionDpo.Data.Preparation;

namespace DiffusionDpo.Training.Status;

/// <summary>How far preparing is, from what is told of it.</summary>
public static class PreparationReading
{
    /// <summary>What an event says of it; null where it says nothing.</summary>
    /// <param name="happened">The event.</param>
    /// <param name="now">The time.</param>
    public static PreparationStatus? Of(PreparationEvent happened, DateTimeOffset now) => happened switch
    {
        PreparationProgress progress => new()
        {
            Work = progress.Work,
            Done = progress.Done,
            Total = progress.Total,
            PerSecond = progress.PerSecond,
            EtaSeconds = progress.Remaining?.TotalSeconds,
            UpdatedAt = now,
        },
        PreparationWaiting waiting => new() { Work = $"waiting for {waiting.For}", Done = 0, Total = waiting.Missing, UpdatedAt = now },
        PreparationScored { Progress: var scored } => new() { Work = "scoring shards", Done = scored.Done, Total = scored.Shards, UpdatedAt = now },
        _ => null,
    };
}
