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
    /// <summary>A row of a group.</summary>
    public static RowToScore Of(GroupRows rows, int row, bool looksAtPrompts)
    {
        var content = rows.Content;
        var reason = rows.Human[row] == HumanLabel.Bad ? "its labels contradict each other" : content.Failure;
        if (reason is not null) return Bad(reason);
        var (caption, first, second) = (content.Captions[row], content.Images0[row], content.Images1[row]);
        if (caption is null) return Bad("no caption");
        if (first is null || second is null) return Bad(first is null ? "jpg_0: no image" : "jpg_1: no image");
        var prompt = looksAtPrompts ? ScoreKey.HashOf(caption) : 0;
        return new(new(ScoreKey.HashOf(first), prompt), new(ScoreKey.HashOf(second), prompt), first, second, caption, Reason: null);
    }

    /// <summary>The same, bad where one of its images is.</summary>
    public RowToScore WithReasonsOf(IReadOnlyDictionary<UInt128, string> images)
    {
        if (Reason is not null) return this;
        if (images.TryGetValue(First.Image, out var first)) return Bad($"jpg_0: {first}");
        return images.TryGetValue(Second.Image, out var second) ? Bad($"jpg_1: {second}") : this;
    }

    private static RowToScore Bad(string reason) => new(default, default, null, null, null, reason);
}
