using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Data.PickAPic;
using DiffusionDpo.Storage;

namespace DiffusionDpo.Data.Pairs;

/// <summary>Builds a manifest from the footers and label columns of shards; no image is read.</summary>
internal static class ManifestScan
{
    public static PairManifest RunOfRows(Stores stores, IReadOnlyList<DataSource> sources, CancellationToken cancellation)
    {
        var shards = sources
            .SelectMany(source => ShardsOf(stores, StorageUri.Parse(source.Uri), cancellation))
            .Select(shard => ScanShard(stores.For(shard.Info.Uri), shard.Name, shard.Info, cancellation));
        return new PairManifest([.. shards]);
    }

    public static PairManifest Run(Stores stores, IReadOnlyList<DataSource> sources, CancellationToken cancellation)
    {
        var manifest = RunOfRows(stores, sources, cancellation);
        return manifest.Pairs > 0 ? manifest : throw new RunException(
            ExitClass.DataError,
            $"{string.Join(", ", sources.Select(source => source.Uri))}: no pair is left of {manifest.Rows} rows in {manifest.Shards.Count} shards ("
            + $"{manifest.Ties} ties, {manifest.Unlabelled} unlabelled, {manifest.BadRows.Count} bad); give sources with preferences");
    }

    private static List<(string Name, ObjectInfo Info)> ShardsOf(Stores stores, StorageUri source, CancellationToken cancellation)
    {
        var store = stores.For(source);
        if (store.FindAsync(source, cancellation).AsTask().GetAwaiter().GetResult() is { } single) return [(source.Name, single)];
        var shards = store.ListAsync(source, cancellation).ToBlockingEnumerable(cancellation)
            .Where(info => info.Uri.Name.EndsWith(".parquet", StringComparison.OrdinalIgnoreCase))
            .Select(info => (info.Uri.RelativeTo(source), info)).ToList();
        return shards.Count > 0 ? shards : throw new RunException(
            ExitClass.InputMissing, $"{source}: no shard is there; data sources are a parquet file or a directory that holds *.parquet files");
    }

    private static ManifestShard ScanShard(IObjectStore store, string name, ObjectInfo info, CancellationToken cancellation)
    {
        using var shard = PickAPicShard.Open(store, info);
        var groups = new List<ManifestGroup>();
        for (var group = 0; group < shard.RowGroups; group++)
        {
            cancellation.ThrowIfCancellationRequested();
            groups.Add(Sort(shard.ReadLabels(group), info.Uri, group));
        }

        return groups.Sum(group => group.Rows) > 0
            ? new ManifestShard(name, info, groups)
            : throw new RunException(ExitClass.DataError, $"{info.Uri}: the shard holds no rows; fetch it again or take it out of the source");
    }

    private static ManifestGroup Sort(RowLabels[] rows, StorageUri uri, int group)
    {
        var (pairs, bad) = (new List<LabelledRow>(), new List<BadRow>());
        for (var row = 0; row < rows.Length; row++)
        {
            var verdict = rows[row].Verdict;
            if (verdict is Verdict.FirstWins or Verdict.SecondWins)
                pairs.Add(new LabelledRow(row, verdict == Verdict.FirstWins));
            else if (verdict == Verdict.Contradictory)
                bad.Add(new BadRow(uri.ToString(), group, row, $"label_0 {rows[row].Label0} and label_1 {rows[row].Label1} are no preference"));
        }

        return new ManifestGroup(
            rows.Length, [.. pairs], rows.Count(row => row.Verdict == Verdict.Tie), rows.Count(row => row.Verdict == Verdict.Unlabelled), bad);
    }
}
