using System.Text.Json;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Data.JsonLines;
using DiffusionDpo.Data.PickAPic;
using DiffusionDpo.Data.WebDataset;
using DiffusionDpo.Storage;

namespace DiffusionDpo.Data.Sources;

/// <summary>The list of formats: one for each value of <see cref="DataFormat"/>.</summary>
internal static class ShardFormats
{
    private static readonly IShardFormat[] All = [new PickAPicFormat(), new WebDatasetFormat(), new JsonLinesFormat()];

    /// <summary>The format that an option names.</summary>
    public static IShardFormat Of(DataFormat format) => Array.Find(All, each => each.Format == format)
        ?? throw new ArgumentOutOfRangeException(nameof(format), format, "no such format of shards");

    /// <summary>The word of the option.</summary>
    public static string NameOf(DataFormat format) => JsonSerializer.SerializeToNode(format)!.GetValue<string>();

    /// <summary>The format of a word of the option.</summary>
    /// <exception cref="FormatException">No such word.</exception>
    public static DataFormat Named(string name) =>
        Array.Find(All, each => NameOf(each.Format) == name)?.Format ?? throw new FormatException($"{name} is no format of shards");

    /// <summary>Opens a shard.</summary>
    /// <exception cref="RunException">Data error: it is empty, or not of that format.</exception>
    public static ValueTask<IShard> OpenAsync(Stores stores, DataFormat format, ObjectInfo info, CancellationToken cancellation) =>
        info.Size > 0 ? Of(format).OpenAsync(stores, info, cancellation) : throw new RunException(
            ExitClass.DataError, $"{info.Uri}: the file is empty; fetch the shard again or take it out of the source");
}
