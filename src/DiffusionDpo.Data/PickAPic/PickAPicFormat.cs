using DiffusionDpo.Api.Options;
using DiffusionDpo.Data.Sources;
using DiffusionDpo.Storage;

namespace DiffusionDpo.Data.PickAPic;

/// <summary>Parquet with the columns of Pick-a-Pic v1/v2.</summary>
internal sealed class PickAPicFormat : IShardFormat
{
    /// <inheritdoc/>
    public DataFormat Format => DataFormat.PickAPic;

    /// <inheritdoc/>
    public IReadOnlyList<string> Extensions { get; } = [".parquet"];

    /// <inheritdoc/>
    public async ValueTask<IShard> OpenAsync(Stores stores, ObjectInfo info, CancellationToken cancellation) =>
        await PickAPicShard.OpenAsync(stores.For(info.Uri), info, cancellation).ConfigureAwait(false);
}
