namespace DiffusionDpo.Api.Options;

/// <summary>What is deleted together with a fine-tune.</summary>
public sealed record CleanupOptions
{
    /// <summary>Whether the run's directory in storage is deleted, checkpoints and exported model included.</summary>
    public bool DeleteOutput { get; init; }

    /// <summary>Seconds after which the fine-tune is let go even if storage could not be cleaned.</summary>
    public int DeadlineSeconds { get; init; } = 600;
}
