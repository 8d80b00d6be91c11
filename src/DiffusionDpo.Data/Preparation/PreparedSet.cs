using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Data.Pairs;
using DiffusionDpo.Storage;

namespace DiffusionDpo.Data.Preparation;

/// <summary>What is prepared together: the pairs of some sources, or all rows where a scorer is still to say which of them are pairs.</summary>
/// <param name="Sources">The sources.</param>
/// <param name="OfAllRows">Whether labels are to come; any scorer and threshold then find what they need.</param>
public sealed record PreparedSet(IReadOnlyList<DataSource> Sources, bool OfAllRows)
{
    /// <summary>What is trained on.</summary>
    /// <param name="data">The options.</param>
    public static PreparedSet ForTraining(DataOptions data) => new(data.Sources, data.Labels != LabelSource.Human);

    /// <summary>What is measured; null: nothing is.</summary>
    /// <param name="data">The options.</param>
    public static PreparedSet? ForHeldOut(DataOptions data) => data.HeldOut.Count > 0 ? new(data.HeldOut, false) : null;

    /// <summary>What it is now. Of all rows, who wins means nothing.</summary>
    /// <param name="stores">Where the sources are.</param>
    /// <param name="badShards">What a shard that cannot be read means.</param>
    /// <param name="cancellation">Stops between two row groups.</param>
    /// <exception cref="RunException">Input missing: a source without shards. Data error: a shard that cannot be read, or nothing to prepare.</exception>
    internal PairManifest Scan(Stores stores, BadShards badShards, CancellationToken cancellation)
    {
        if (!OfAllRows) return PairManifest.Scan(stores, Sources, badShards, cancellation);
        var rows = PairManifest.ScanRows(stores, Sources, badShards, cancellation).OfAllRows();
        return rows.Pairs > 0 ? rows : throw new RunException(
            ExitClass.DataError, $"{string.Join(", ", Sources.Select(source => source.Uri))}: none of {rows.Rows} rows can be scored; the first: {rows.BadRows[0]}; give other sources");
    }
}
