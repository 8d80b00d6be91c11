using DiffusionDpo.Api.Options;
using DiffusionDpo.Data.Sources;
using DiffusionDpo.Storage;

namespace DiffusionDpo.Data.WebDataset;

/// <summary>Tar files of key.w.jpg, key.l.jpg and key.txt, as WebDataset names members: those of one key follow each other.</summary>
internal sealed class WebDatasetFormat : IShardFormat
{
    /// <inheritdoc/>
    public DataFormat Format => DataFormat.WebDataset;

    /// <inheritdoc/>
    public IReadOnlyList<string> Extensions { get; } = [".tar"];

    /// <inheritdoc/>
    public ValueTask<IShard> OpenAsync(Stores stores, ObjectInfo info, CancellationToken cancellation) =>
        new(new WebDatasetShard(stores.For(info.Uri), info));
}
