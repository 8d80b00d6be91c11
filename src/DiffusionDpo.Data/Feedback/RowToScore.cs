namespace DiffusionDpo.Data.Feedback;

/// <summary>A row with two images and a prompt, or why it is not one.</summary>
/// <param name="First">The first image with the prompt.</param>
/// <param name="Second">The second image with the prompt.</param>
/// <param name="Image0">The first image, encoded.</param>
/// <param name="Image1">The second image, encoded.</param>
/// <param name="Prompt">The prompt.</param>
/// <param name="Reason">Why it cannot be scored; null: it can.</param>
internal sealed record RowToScore(ScoreKey First, ScoreKey Second, byte[]? Image0, byte[]? Image1, string? Prompt, string? Reason)
{
    /// <summary>How the format calls the two images of a row, for messages.</summary>
    private (string First, string Second) Names { get; init; }

    /// <summary>A row as a shard has it.</summary>
    public static RowToScore Of(ShardRow row, bool looksAtPrompts)
    {
        if (row.Reason is not null) return Bad(row.Reason);
        if (row.Caption is null) return Bad("no caption");
        if (row.Image0 is null || row.Image1 is null) return Bad($"{(row.Image0 is null ? row.Names.First : row.Names.Second)}: no image");
        var prompt = looksAtPrompts ? ScoreKey.HashOf(row.Caption) : 0;
        return new(new(ScoreKey.HashOf(row.Image0), prompt), new(ScoreKey.HashOf(row.Image1), prompt), row.Image0, row.Image1, row.Caption, Reason: null) { Names = row.Names };
    }

    /// <summary>The same, bad where one of its images is.</summary>
    public RowToScore WithReasonsOf(IReadOnlyDictionary<UInt128, string> images)
    {
        if (Reason is not null) return this;
        if (images.TryGetValue(First.Image, out var first)) return Bad($"{Names.First}: {first}");
        return images.TryGetValue(Second.Image, out var second) ? Bad($"{Names.Second}: {second}") : this;
    }

    private static RowToScore Bad(string reason) => new(default, default, null, null, null, reason);
}
