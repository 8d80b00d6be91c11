namespace DiffusionDpo.Data.Feedback;

/// <summary>A row of a shard, pair or not.</summary>
/// <param name="Human">What people said: a <see cref="HumanLabel"/>.</param>
/// <param name="Caption">The prompt.</param>
/// <param name="Image0">The first image, encoded.</param>
/// <param name="Image1">The second image, encoded.</param>
/// <param name="Names">How the format calls the two images, for messages.</param>
/// <param name="Reason">Why it cannot be read; null: it can.</param>
internal sealed record ShardRow(char Human, string? Caption, byte[]? Image0, byte[]? Image1, (string First, string Second) Names, string? Reason);
