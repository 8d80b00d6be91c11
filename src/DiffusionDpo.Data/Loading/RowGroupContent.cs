using DiffusionDpo.Api.Failures;
using DiffusionDpo.Data.Pairs;
using DiffusionDpo.Data.Sources;
using DiffusionDpo.Storage;

namespace DiffusionDpo.Data.Loading;

/// <summary>The captions and encoded images of the pairs of one row group; or why the group cannot be read, which makes all its pairs bad.</summary>
internal sealed record RowGroupContent(string?[] Captions, byte[]?[] Images0, byte[]?[] Images1, string? Failure)
{
    /// <summary>How the format calls the two images of a row, for messages.</summary>
    public (string First, string Second) ImageNames { get; init; } = ("jpg_0", "jpg_1");

    /// <summary>Why a row cannot be read, by its offset in the group; null where that is known of no row.</summary>
    public IReadOnlyList<string?>? Reasons { get; init; }

    /// <summary>What reading it took.</summary>
    public ReadTraffic Traffic { get; init; }

    /// <summary>Reads a group. Storage failures pass through; what is corrupt becomes the failure of the content.</summary>
    public static async ValueTask<RowGroupContent> ReadAsync(Stores stores, ManifestShard shard, PairGroup group, CancellationToken cancellation)
    {
        try
        {
            using var open = await ShardFormats.OpenAsync(stores, shard.Format, shard.Info, cancellation).ConfigureAwait(false);
            return await open.ReadAsync(group.Place, [.. group.Pairs.Select(pair => pair.Row)], cancellation).ConfigureAwait(false);
        }
        catch (RunException failure) when (failure.ExitClass == ExitClass.DataError)
        {
            return new RowGroupContent([], [], [], failure.Message);
        }
    }

    /// <summary>Lets go of the images of a pair, which will not be asked for again.</summary>
    /// <param name="offset">The pair's place in the group.</param>
    public void Forget(int offset)
    {
        if (Failure is null) (Images0[offset], Images1[offset]) = (null, null);
    }

    /// <summary>Why a pair of the group is bad; null: only its images can tell.</summary>
    /// <param name="offset">The pair's place in the group.</param>
    public string? ReasonOf(int offset) => Failure ?? Reasons?[offset];
}
