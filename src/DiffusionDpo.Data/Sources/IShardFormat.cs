using DiffusionDpo.Api.Options;
using DiffusionDpo.Storage;

namespace DiffusionDpo.Data.Sources;

/// <summary>A format of preference shards. Which one a source has is told by data.sources.format, never guessed from content.</summary>
internal interface IShardFormat
{
    /// <summary>The option that chooses it.</summary>
    DataFormat Format { get; }

    /// <summary>Ends of the names of its shards: what else lies in the directory of a source is passed over.</summary>
    IReadOnlyList<string> Extensions { get; }

    /// <summary>Opens a shard; its bytes may be looked at here or later.</summary>
    /// <param name="stores">Where the bytes are: of the shard, and of images that it only names.</param>
    /// <param name="info">The shard, with a size of at least one byte.</param>
    /// <param name="cancellation">Ends the wait.</param>
    ValueTask<IShard> OpenAsync(Stores stores, ObjectInfo info, CancellationToken cancellation);
}
