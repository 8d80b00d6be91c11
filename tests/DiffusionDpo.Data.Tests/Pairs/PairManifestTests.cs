using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Data.Pairs;
using Xunit;

namespace DiffusionDpo.Data.Tests.Pairs;

public sealed class PairManifestTests : IDisposable
{
    private readonly ShardDirectory _shards = new();

    public void Dispose() => _shards.Dispose();

    [Fact]
    public void Ties_and_unlabelled_rows_are_filtered_and_bad_ones_named()
    {
        _shards.Write("b.parquet", 12);
        _shards.Write("a.parquet", 25, change: (row, record) => row switch
        {
            3 => record with { HasLabel = false },
            4 => record with { Label0 = null },
            13 => record with { Label0 = 0.25 },
            _ => record,
        });
        _shards.Write("ignored.txt", 1);
        var manifest = _shards.Scan();
        Assert.Equal(["a.parquet", "b.parquet"], manifest.ShardUris.Select(uri => uri.Name));
        Assert.Equal((37, 8 + 4, 2, 14 + 8), (manifest.Rows, manifest.Ties, manifest.Unlabelled, manifest.Pairs));
        var bad = Assert.Single(manifest.BadRows);
        Assert.Equal((1, 3, "label_0 0.25 and label_1 0.75 are no preference"), (bad.RowGroup, bad.Row, bad.Reason));
        Assert.EndsWith("a.parquet", bad.Shard, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_pair_is_located_at_its_row()
    {
        _shards.Write("a.parquet", 47, rowsPerGroup: 7);
        var manifest = _shards.Scan();
        var rows = Enumerable.Range(0, manifest.Pairs).Select(pair =>
        {
            var (group, offset) = manifest.Locate(pair);
            return (manifest.Groups[group].RowGroup * 7) + manifest.Groups[group].Pairs[offset].Row;
        });
        Assert.Equal(Enumerable.Range(0, 47).Where(row => row % 3 != 2), rows);
    }

    [Fact]
    public void The_hash_does_not_depend_on_where_the_shards_are()
    {
        _shards.Write("a.parquet", 12);
        using var elsewhere = new ShardDirectory();
        elsewhere.Write("a.parquet", 12);
        Assert.Equal(_shards.Scan().Hash, elsewhere.Scan().Hash);
        Assert.Matches("^[0-9a-f]{64}$", elsewhere.Scan().Hash);
    }

    [Fact]
    public void The_hash_changes_with_names_rows_groups_and_winners()
    {
        string[] hashes =
        [
            HashOf("a.parquet", 12), HashOf("b.parquet", 12), HashOf("a.parquet", 13), HashOf("a.parquet", 12, rowsPerGroup: 6),
            HashOf("a.parquet", 12, winner: 0), HashOf("a.parquet", 12, winner: 0.5),
        ];
        Assert.Equal(hashes.Length, hashes.Distinct().Count());

        static string HashOf(string name, int rows, int rowsPerGroup = 10, double winner = 1)
        {
            using var shards = new ShardDirectory();
            shards.Write(name, rows, rowsPerGroup, (row, record) => row == 6 ? record with { Label0 = winner } : record);
            return shards.Scan().Hash;
        }
    }

    [Fact]
    public void The_hash_is_pinned()
    {
        _shards.Write("a.parquet", 12);
        Assert.StartsWith("4bebee6c0af013ef940b65fcef7758d1223ba41c50f3b53965", _shards.Scan().Hash, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_but_ties_is_a_data_error_with_counts()
    {
        _shards.Write("a.parquet", 5, change: (_, record) => record with { Label0 = 0.5 });
        var failure = Fails(ExitClass.DataError, _shards.Sources);
        Assert.Contains("no pair is left of 5 rows in 1 shards (5 ties, 0 unlabelled, 0 bad)", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_source_without_shards_is_missing_input()
    {
        Fails(ExitClass.InputMissing, _shards.Sources);
        Fails(ExitClass.InputMissing, [new DataSource { Uri = Path.Combine(_shards.Path, "nowhere") }]);
    }

    [Fact]
    public void A_shard_without_rows_is_a_data_error()
    {
        _shards.Write("a.parquet", 5);
        _shards.Write("b.parquet", 0);
        Assert.Contains("b.parquet", Fails(ExitClass.DataError, _shards.Sources).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_single_shard_is_a_source_and_sources_keep_their_order()
    {
        DataSource[] sources = [new() { Uri = _shards.Write("z.parquet", 3) }, new() { Uri = _shards.Write("a.parquet", 3) }];
        Assert.Equal(["z.parquet", "a.parquet"], PairManifest.Scan(_shards.Stores, sources, TestContext.Current.CancellationToken).ShardUris.Select(uri => uri.Name));
    }

    private RunException Fails(ExitClass expected, IReadOnlyList<DataSource> sources)
    {
        var failure = Assert.Throws<RunException>(() => PairManifest.Scan(_shards.Stores, sources, TestContext.Current.CancellationToken));
        Assert.Equal(expected, failure.ExitClass);
        Assert.DoesNotContain('\n', failure.Message);
        return failure;
    }
}
