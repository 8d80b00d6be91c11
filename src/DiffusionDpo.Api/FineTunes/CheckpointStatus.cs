namespace DiffusionDpo.Api.FineTunes;

/// <summary>A complete checkpoint. Part of the status, and of what a trainer answers on /status.</summary>
public sealed record CheckpointStatus
{
    /// <summary>Optimizer steps in it.</summary>
    public required int Step { get; init; }

    /// <summary>Its directory.</summary>
    public required string Uri { get; init; }

    /// <summary>SHA-256 of its manifest, in hex.</summary>
    public required string Sha256 { get; init; }

    /// <summary>When it was complete.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>How many ranks wrote it.</summary>
    public required int WorldSize { get; init; }
}
