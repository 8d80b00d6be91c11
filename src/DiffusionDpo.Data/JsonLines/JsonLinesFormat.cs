using DiffusionDpo.Api.Options;
using DiffusionDpo.Data.Sources;
using DiffusionDpo.Storage;

namespace DiffusionDpo.Data.JsonLines;

/// <summary>Text files of one JSON object per line, which name their images.</summary>
internal sealed class JsonLinesFormat : IShardFormat
{
    /// <inheritdoc/>
    public DataFormat Format => DataFormat.JsonLines;

    /// <inheritdoc/>
    public IReadOnlyList<string> Extensions { get; } = [".jsonl", ".ndjson"];

    /// <inheritdoc/>
    public ValueTask<IShard> OpenAsync(Stores stores, ObjectInfo info, CancellationToken cancellation) => new(new JsonLinesShard(stores, info));
}
