using DiffusionDpo.Storage;

namespace DiffusionDpo.Data.Pairs;

/// <summary>A shard that cannot be read and was passed over, as data.badShards allows.</summary>
/// <param name="Shard">The shard as it was found: a version of it that can be read is no bad shard.</param>
/// <param name="Reason">What is wrong, one line that names the shard.</param>
public sealed record BadShard(ObjectInfo Shard, string Reason)
{
    /// <summary>The reason, which names the shard.</summary>
    public override string ToString() => Reason;
}
