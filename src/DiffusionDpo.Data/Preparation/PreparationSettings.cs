using DiffusionDpo.Api.Options;
using DiffusionDpo.Models.Pipelines;
using DiffusionDpo.Storage;

namespace DiffusionDpo.Data.Preparation;

/// <summary>What preparing needs.</summary>
public sealed record PreparationSettings
{
    /// <summary>Where sources and cache are.</summary>
    public required Stores Stores { get; init; }

    /// <summary>The data options, resolved.</summary>
    public required DataOptions Data { get; init; }

    /// <summary>What images and prompts become.</summary>
    public required CacheIdentity Identity { get; init; }

    /// <summary>Loads the frozen networks; called once, and only where something is to be encoded.</summary>
    public required Func<FrozenEncoders> LoadEncoders { get; init; }

    /// <summary>Which worker this is, from 0.</summary>
    public int Worker { get; init; }

    /// <summary>How many workers share the work.</summary>
    public int Workers { get; init; } = 1;

    /// <summary>Told of what happens, from any thread, one at a time.</summary>
    public Action<PreparationEvent> OnEvent { get; init; } = static _ => { };

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Time between two looks for what other workers have written.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(2);
}
