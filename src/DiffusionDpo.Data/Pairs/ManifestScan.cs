using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Data.Sources;
using DiffusionDpo.Storage;

namespace DiffusionDpo.Data.Pairs;

/// <summary>Builds a manifest from the indexes and labels of shards; no image is read.</summary>
internal static class ManifestScan
{
    private const int ShardsAtOnce = 8; // most of a scan is waiting for small reads

    public static async Task<PairManifest> RunAsync(
        Stores stores, IReadOnlyList<DataSource> sources, BadShards badShards, CancellationToken cancellation)
    {
        var manifest = await RowsAsync(stores, sources, badShards, cancellation).ConfigureAwait(false);
        return manifest.Pairs > 0 ? manifest : throw NothingLeft(manifest, sources);
    }

    /// <summary>The same, whether there are pairs or not.</summary>
    public static async Task<PairManifest> RowsAsync(
        Stores stores, IReadOnlyList<DataSource> sources, BadShards badShards, CancellationToken cancellation)
    {
        var shards = await SourceShards.ListAsync(stores, sources, cancellation).ConfigureAwait(false);
        var scanned = new (ManifestShard? Shard, RunException? Failure)[shards.Count];
        await Parallel.ForAsync(
            0,
            shards.Count,
            new ParallelOptions { MaxDegreeOfParallelism = ShardsAtOnce, CancellationToken = cancellation },
            async (number, stop) => scanned[number] = await ScanShardAsync(stores, shards[number], stop).ConfigureAwait(false)).ConfigureAwait(false);
        RunException[] failures = [.. scanned.Select(each => each.Failure).OfType<RunException>()];
        if (failures.Length > 0 && badShards == BadShards.Fail) throw Refusal(failures, shards.Count);
        return new PairManifest([.. scanned.Select(each => each.Shard).OfType<ManifestShard>()])
        {
            BadShards = [.. scanned.Index().Where(each => each.Item.Failure is not null)
                .Select(each => new BadShard(shards[each.Index].Info, each.Item.Failure!.Message))],
        };
    }

    private static async ValueTask<(ManifestShard?, RunException?)> ScanShardAsync(Stores stores, SourceShard shard, CancellationToken cancellation)
    {
        try
        {
            using var open = await ShardFormats.OpenAsync(stores, shard.Format, shard.Info, cancellation).ConfigureAwait(false);
            var groups = await open.ScanAsync(cancellation).Select(group => Sort(group, shard.Info.Uri)).ToListAsync(cancellation).ConfigureAwait(false);
            return groups.Sum(group => group.Rows) > 0
                ? (new ManifestShard(shard.Name, shard.Info, groups) { Format = shard.Format }, null)
                : throw new RunException(ExitClass.DataError, $"{shard.Info.Uri}: the shard holds no rows; fetch it again or take it out of the source");
        }
        catch (RunException failure) when (failure.ExitClass == ExitClass.DataError)
        {
            return (null, failure);
        }
    }

    private static ManifestGroup Sort(ScannedGroup group, StorageUri uri)
    {
        var (pairs, bad) = (new List<LabelledRow>(), new List<BadRow>());
        foreach (var (number, row) in group.Rows.Index())
        {
            if (row.Verdict is Verdict.FirstWins or Verdict.SecondWins)
                pairs.Add(new LabelledRow(number, row.Verdict == Verdict.FirstWins));
            else if (row.Verdict == Verdict.Bad)
                bad.Add(new BadRow(uri.ToString(), group.Place.Number, number, row.Reason ?? "not usable"));
        }

        var (ties, unlabelled) = (group.Rows.Count(row => row.Verdict == Verdict.Tie), group.Rows.Count(row => row.Verdict == Verdict.Unlabelled));
        return new ManifestGroup(group.Rows.Count, [.. pairs], ties, unlabelled, bad) { Extent = (group.Place.Offset, group.Place.Length) };
    }

    /// <summary>The first failure in the order of the shards, whichever was found first.</summary>
    private static RunException Refusal(RunException[] failures, int shards) => failures.Length == 1
        ? failures[0]
        : new RunException(ExitClass.DataError, $"{failures.Length} of {shards} shards cannot be read; the first: {failures[0].Message}", failures[0]);

    private static RunException NothingLeft(PairManifest manifest, IReadOnlyList<DataSource> sources) => new(
        ExitClass.DataError,
        $"{string.Join(", ", sources.Select(source => source.Uri))}: no pair is left of {manifest.Rows} rows in {manifest.Shards.Count} shards ("
        + $"{manifest.Ties} ties, {manifest.Unlabelled} unlabelled, {manifest.BadRows.Count} bad{(manifest.BadRows.Count > 0 ? $": {manifest.BadRows[0]}" : "")}); give sources with preferences");
}
