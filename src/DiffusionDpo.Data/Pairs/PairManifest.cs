using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Data.Sources;
using DiffusionDpo.Storage;

namespace DiffusionDpo.Data.Pairs;

/// <summary>
/// What the sources hold, known before the first step: the shards in order, which of their rows are pairs and who wins. Ties and unlabelled
/// rows are filtered here, so the number of pairs is final. Pairs are numbered from 0 in the order of sources, shards, row groups, rows.
/// </summary>
public sealed class PairManifest
{
    private readonly PairGroup[] _groups;

    internal PairManifest(IReadOnlyList<ManifestShard> shards)
    {
        Shards = shards;
        _groups = [.. shards.SelectMany((shard, index) => shard.Groups.Select((group, number) => new PairGroup(index, number, group.Pairs) { Extent = group.Extent }))
            .Where(group => group.Pairs.Count > 0)];
        for (var i = 1; i < _groups.Length; i++)
            _groups[i] = _groups[i] with { FirstPair = _groups[i - 1].FirstPair + _groups[i - 1].Pairs.Count };
        Pairs = _groups.Sum(group => group.Pairs.Count);
        Rows = AllGroups.Sum(group => (long)group.Rows);
        Ties = AllGroups.Sum(group => (long)group.Ties);
        Unlabelled = AllGroups.Sum(group => (long)group.Unlabelled);
        BadRows = [.. AllGroups.SelectMany(group => group.BadRows)];
        Hash = ManifestHash.Of(shards);
    }

    /// <summary>SHA-256 in hex of everything the order of samples depends on: names relative to their source, rows, pairs and winners; no machine's paths.</summary>
    public string Hash { get; }

    /// <summary>Number of pairs, at least 1.</summary>
    public int Pairs { get; }

    /// <summary>All rows, pairs or not.</summary>
    public long Rows { get; }

    /// <summary>Rows in which neither image is preferred.</summary>
    public long Ties { get; }

    /// <summary>Rows without a label.</summary>
    public long Unlabelled { get; }

    /// <summary>Rows that should be pairs and cannot be, as far as labels and indexes tell.</summary>
    public IReadOnlyList<BadRow> BadRows { get; }

    /// <summary>Shards that cannot be read and were passed over: nothing of them is counted above.</summary>
    public IReadOnlyList<BadShard> BadShards { get; internal init; } = [];

    /// <summary>Addresses of the shards, in order.</summary>
    public IEnumerable<StorageUri> ShardUris => Shards.Select(shard => shard.Info.Uri);

    internal IReadOnlyList<ManifestShard> Shards { get; }

    /// <summary>The row groups that hold pairs, in order.</summary>
    internal IReadOnlyList<PairGroup> Groups => _groups;

    private IEnumerable<ManifestGroup> AllGroups => Shards.SelectMany(shard => shard.Groups);

    /// <summary>Reads the indexes and labels of all shards of some sources; a shard that cannot be read is fatal.</summary>
    /// <param name="stores">Where the bytes are.</param>
    /// <param name="sources">The sources, in order.</param>
    /// <param name="cancellation">Stops between two row groups.</param>
    /// <exception cref="RunException">Input missing: a source without shards. Data error: a shard that cannot be read, or no pair at all.</exception>
    public static PairManifest Scan(Stores stores, IReadOnlyList<DataSource> sources, CancellationToken cancellation = default) =>
        Scan(stores, sources, Api.Options.BadShards.Fail, cancellation);

    /// <summary>Reads the indexes and labels of all shards of some sources.</summary>
    /// <param name="stores">Where the bytes are.</param>
    /// <param name="sources">The sources, in order.</param>
    /// <param name="badShards">What a shard that cannot be read means.</param>
    /// <param name="cancellation">Stops between two row groups.</param>
    /// <exception cref="RunException">Input missing: a source without shards. Data error: a shard that cannot be read, or no pair at all.</exception>
    public static PairManifest Scan(
        Stores stores, IReadOnlyList<DataSource> sources, BadShards badShards, CancellationToken cancellation = default) =>
        ManifestScan.RunAsync(stores, sources, badShards, cancellation).GetAwaiter().GetResult();

    /// <summary>The same where labels are still to come from a scorer: it may be that none of the rows is a pair yet.</summary>
    /// <param name="stores">Where the bytes are.</param>
    /// <param name="sources">The sources, in order.</param>
    /// <param name="badShards">What a shard that cannot be read means.</param>
    /// <param name="cancellation">Stops between two row groups.</param>
    /// <exception cref="RunException">Input missing: a source without shards. Data error: a shard that cannot be read.</exception>
    public static PairManifest ScanRows(
        Stores stores, IReadOnlyList<DataSource> sources, BadShards badShards, CancellationToken cancellation = default) =>
        ManifestScan.RowsAsync(stores, sources, badShards, cancellation).GetAwaiter().GetResult();

    /// <summary>
    /// The manifest in which every row is a pair that can be one, for what is made of rows before a scorer labels them. Who wins there means nothing.
    /// </summary>
    internal PairManifest OfAllRows() => new([.. Shards.Select(shard => shard with { Groups = [.. shard.Groups.Select(OfAllRows)] })]) { BadShards = BadShards };

    private static ManifestGroup OfAllRows(ManifestGroup group)
    {
        var bad = group.BadRows.Select(row => row.Row).ToHashSet();
        LabelledRow[] rows = [.. Enumerable.Range(0, group.Rows).Where(row => !bad.Contains(row)).Select(row => new LabelledRow(row, FirstWins: true))];
        return group with { Pairs = rows, Ties = 0, Unlabelled = 0 };
    }

    /// <summary>The group that holds a pair, and the pair's place in it.</summary>
    internal (int Group, int Offset) Locate(int pair)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(pair);
        var (low, high) = (0, _groups.Length - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (_groups[middle].FirstPair <= pair) low = middle;
            else high = middle - 1;
        }

        return (low, pair - _groups[low].FirstPair);
    }
}

/// <summary>A shard as the manifest knows it.</summary>
/// <param name="Name">Relative to its source.</param>
/// <param name="Info">Address, size and version when it was scanned.</param>
/// <param name="Groups">Its row groups.</param>
internal sealed record ManifestShard(string Name, ObjectInfo Info, IReadOnlyList<ManifestGroup> Groups)
{
    /// <summary>Its format.</summary>
    public DataFormat Format { get; init; } = DataFormat.PickAPic;
}

/// <summary>A row group as the manifest knows it.</summary>
/// <param name="Rows">All rows.</param>
/// <param name="Pairs">The rows that are pairs, ascending.</param>
/// <param name="Ties">Rows in which neither image is preferred.</param>
/// <param name="Unlabelled">Rows without a label.</param>
/// <param name="BadRows">Rows that should be pairs and cannot be.</param>
internal sealed record ManifestGroup(int Rows, IReadOnlyList<LabelledRow> Pairs, int Ties, int Unlabelled, IReadOnlyList<BadRow> BadRows)
{
    /// <summary>First byte and bytes, for formats without an index of their own.</summary>
    public (long Offset, long Length) Extent { get; init; }
}

/// <summary>A row that is a pair.</summary>
/// <param name="Row">Row in its group.</param>
/// <param name="FirstWins">The first image is preferred; otherwise the second is.</param>
internal readonly record struct LabelledRow(int Row, bool FirstWins);

/// <summary>A row group with at least one pair, and the number of its first one.</summary>
internal readonly record struct PairGroup(int Shard, int RowGroup, IReadOnlyList<LabelledRow> Pairs, int FirstPair = 0)
{
    /// <summary>First byte and bytes, for formats without an index of their own.</summary>
    public (long Offset, long Length) Extent { get; init; }

    /// <summary>Where the shard has it.</summary>
    public GroupPlace Place => new(RowGroup, Extent.Offset, Extent.Length);
}
