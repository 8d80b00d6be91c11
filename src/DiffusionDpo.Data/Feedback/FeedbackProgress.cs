namespace DiffusionDpo.Data.Feedback;

/// <summary>A shard has its scores.</summary>
/// <param name="Shard">Its address.</param>
/// <param name="Done">Shards that have their scores.</param>
/// <param name="Shards">All shards.</param>
/// <param name="IsReused">Its scores were there already.</param>
/// <param name="ImagesEmbedded">Images that were embedded so far.</param>
public sealed record FeedbackProgress(string Shard, int Done, int Shards, bool IsReused, long ImagesEmbedded);
