using DiffusionDpo.Api.Options;
using DiffusionDpo.Data.Pairs;
using DiffusionDpo.Data.Preparation;

namespace DiffusionDpo.Data.Loading;

/// <summary>What a loader needs besides the pairs.</summary>
public sealed record PairLoaderSettings
{
    /// <summary>Resolved data options: resolution, crop, flip, dropout, prefetch, bad rows.</summary>
    public required DataOptions Data { get; init; }

    /// <summary>The seed of the run.</summary>
    public required long Seed { get; init; }

    /// <summary>What this process takes of every batch. Default: all of it.</summary>
    public RankShare Share { get; init; } = RankShare.Whole;

    /// <summary>Pairs prepared at the same time. The pairs do not depend on it.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>Told of each bad row once, on the thread that calls <see cref="PairLoader.Next"/>.</summary>
    public Action<BadRow>? OnBadRow { get; init; }

    /// <summary>What was prepared of the pairs; null: their images are decoded on every visit.</summary>
    public LatentCache? Cache { get; init; }

    /// <summary>Measures the wait for data.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
