using System.Runtime.CompilerServices;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Data.Loading;
using DiffusionDpo.Data.Pairs;
using DiffusionDpo.Data.Sources;
using DiffusionDpo.Storage;

namespace DiffusionDpo.Data.Feedback;

/// <summary>All rows of a shard, pairs or not, by its row groups.</summary>
internal static class ShardRows
{
    /// <summary>Reads a shard, one group after another. Storage failures pass through; what is corrupt in a group makes its rows bad.</summary>
    /// <exception cref="RunException">Data error: the shard cannot be read at all.</exception>
    public static async IAsyncEnumerable<IReadOnlyList<ShardRow>> ReadAsync(Stores stores, ManifestShard shard, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var open = await ShardFormats.OpenAsync(stores, shard.Format, shard.Info, cancellation).ConfigureAwait(false);
        foreach (var group in await open.ScanAsync(cancellation).ToListAsync(cancellation).ConfigureAwait(false))
            yield return await ReadAsync(open, group, cancellation).ConfigureAwait(false);
    }

    private static async ValueTask<IReadOnlyList<ShardRow>> ReadAsync(IShard shard, ScannedGroup group, CancellationToken cancellation)
    {
        int[] wanted = [.. group.Rows.Index().Where(row => row.Item.Verdict != Verdict.Bad).Select(row => row.Index)];
        var content = await ContentAsync(shard, group.Place, wanted, cancellation).ConfigureAwait(false);
        ShardRow[] rows = [.. group.Rows.Select(row => new ShardRow(Label(row.Verdict), null, null, null, content.ImageNames, row.Reason ?? "not usable"))];
        foreach (var (offset, row) in wanted.Index())
        {
            rows[row] = content.ReasonOf(offset) is { } reason
                ? rows[row] with { Reason = reason }
                : rows[row] with { Caption = content.Captions[offset], Image0 = content.Images0[offset], Image1 = content.Images1[offset], Reason = null };
        }

        return rows;
    }

    private static async ValueTask<RowGroupContent> ContentAsync(IShard shard, GroupPlace group, int[] rows, CancellationToken cancellation)
    {
        try
        {
            return await shard.ReadAsync(group, rows, cancellation).ConfigureAwait(false);
        }
        catch (RunException failure) when (failure.ExitClass == ExitClass.DataError)
        {
            return new RowGroupContent([], [], [], failure.Message);
        }
    }

    private static char Label(Verdict verdict) => verdict switch
    {
        Verdict.FirstWins => HumanLabel.First,
        Verdict.SecondWins => HumanLabel.Second,
        Verdict.Tie => HumanLabel.Tie,
        Verdict.Unlabelled => HumanLabel.None,
        _ => HumanLabel.Bad,
    };
}
