using KubeOps.Abstractions.Entities.Attributes;

namespace DiffusionDpo.Api.FineTunes;

/// <summary>How far preparing is. Part of the status, and of what a trainer answers on /status.</summary>
public sealed record PreparationStatus
{
    /// <summary>What is being done, such as <c>encoding images and prompts</c>.</summary>
    [Length(maxLength: 63)]
    public required string Work { get; init; }

    /// <summary>So much of worker 0's share is done.</summary>
    public required long Done { get; init; }

    /// <summary>Worker 0's share.</summary>
    public required long Total { get; init; }

    /// <summary>How much is done per second.</summary>
    public double? PerSecond { get; init; }

    /// <summary>Seconds until it is done, at the present speed.</summary>
    public double? EtaSeconds { get; init; }

    /// <summary>When these numbers were taken.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }
}
