using CsCheck;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Data.Loading;
using DiffusionDpo.Data.PickAPic;
using DiffusionDpo.Data.Randomness;
using DiffusionDpo.Data.Sources;
using DiffusionDpo.Storage;
using DiffusionDpo.Storage.Local;
using ParquetSharp;
using Xunit;

namespace DiffusionDpo.Data.Tests.PickAPic;

public sealed class PickAPicShardTests : IDisposable
{
    private readonly ShardDirectory _shards = new();

    public void Dispose() => _shards.Dispose();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public void Written_columns_are_those_of_Pick_a_Pic_in_order_and_type()
    {
        using var reader = new ParquetFileReader(_shards.Write("x.parquet", 3));
        var schema = reader.FileMetaData.Schema;
        var found = Enumerable.Range(0, schema.NumColumns).Select(i => $"{schema.Column(i).Name} {schema.Column(i).PhysicalType} {schema.Column(i).LogicalType.Type}");
        Assert.Equal(
            [
                "are_different Boolean None", "best_image_uid ByteArray String", "caption ByteArray String", "created_at Int64 Timestamp",
                "has_label Boolean None", "image_0_uid ByteArray String", "image_0_url ByteArray String", "image_1_uid ByteArray String",
                "image_1_url ByteArray String", "jpg_0 ByteArray None", "jpg_1 ByteArray None", "label_0 Double None", "label_1 Double None",
                "model_0 ByteArray String", "model_1 ByteArray String", "ranking_id Int64 Int", "user_id Int64 Int",
                "num_example_per_prompt Int64 Int", "__index_level_0__ Int64 Int",
            ],
            found);
    }

    [Fact]
    public void What_was_written_is_read_back()
    {
        using var shard = Open(_shards.Write("x.parquet", 25));
        Assert.Equal(3, shard.RowGroups);
        Assert.Equal(Enumerable.Range(10, 10).Select(row => ShardDirectory.Record("x.parquet", row).Caption), shard.ReadCaptions(1));
        var images = shard.ReadImages(1, PickAPicColumn.Image1, [0, 3, 9]);
        Assert.Equal(new[] { 10, 13, 19 }.Select(row => ShardDirectory.Record("x.parquet", row).Image1), images);
        Assert.Equal([Verdict.Tie, Verdict.FirstWins, Verdict.SecondWins], shard.ReadLabels(2).Take(3).Select(labels => labels.Verdict));
    }

    [Theory]
    [InlineData(true, 1.0, 0.0, nameof(Verdict.FirstWins))]
    [InlineData(true, 0.0, 1.0, nameof(Verdict.SecondWins))]
    [InlineData(true, 0.5, 0.5, nameof(Verdict.Tie))]
    [InlineData(true, 1.0, null, nameof(Verdict.FirstWins))]
    [InlineData(null, 1.0, 0.0, nameof(Verdict.FirstWins))]
    [InlineData(false, 1.0, 0.0, nameof(Verdict.Unlabelled))]
    [InlineData(true, null, null, nameof(Verdict.Unlabelled))]
    [InlineData(true, 1.0, 1.0, nameof(Verdict.Bad))]
    [InlineData(true, 0.3, 0.7, nameof(Verdict.Bad))]
    [InlineData(true, double.NaN, double.NaN, nameof(Verdict.Bad))]
    public void Labels_decide_the_winner(bool? hasLabel, double? label0, double? label1, string verdict) =>
        Assert.Equal(verdict, new RowLabels(hasLabel, label0, label1).Verdict.ToString());

    [Fact]
    public void Required_columns_and_other_number_types_are_read()
    {
        var path = WriteColumns([Of("caption", "fox"), Of("jpg_0", new byte[] { 1 }), Of("jpg_1", new byte[] { 2 }), Of("label_0", 1f), Of("has_label", true)]);
        using var shard = Open(path);
        Assert.Equal(Verdict.FirstWins, Assert.Single(shard.ReadLabels(0)).Verdict);
        Assert.Equal([2], Assert.Single(shard.ReadImages(0, PickAPicColumn.Image1, [0])));
    }

    [Fact]
    public async Task A_group_costs_one_read_of_the_footer_and_one_of_each_column_chunk_that_is_needed()
    {
        var path = _shards.Write("x.parquet", 60, rowsPerGroup: 20, change: (row, record) => record with { Image0 = Incompressible(100_000 + row) });
        var store = new CountingStore(new LocalStore());
        using var shard = Open(path, store);
        var content = await shard.ReadAsync(new GroupPlace(1), [0, 7, 19], Stop);
        Assert.Equal(new[] { 20, 27, 39 }.Select(row => ShardDirectory.Record("x.parquet", row).Caption), content.Captions);
        Assert.Equal(new[] { 20, 27, 39 }.Select(row => ShardDirectory.Record("x.parquet", row).Image1), content.Images1);

        using var metadata = new ParquetFileReader(path);
        using var group = metadata.RowGroup(1);
        long[] chunks = [.. new[] { 2, 9, 10 }.Select(column => group.MetaData.GetColumnChunkMetaData(column).TotalCompressedSize)];
        Assert.Equal(chunks.Order(), store.Reads.Skip(1).Select(read => (long)read.Count).Order());
        Assert.Equal(new ReadTraffic(4, store.Bytes, chunks.Sum()), content.Traffic);
        Assert.InRange((double)content.Traffic.Bytes / content.Traffic.Needed, 1, 1.05);
    }

    [Fact]
    public async Task A_scan_reads_labels_alone()
    {
        var path = _shards.Write("x.parquet", 60, rowsPerGroup: 20, change: (_, record) => record with { Image0 = new byte[100_000] });
        var store = new CountingStore(new LocalStore());
        using var shard = Open(path, store);
        Assert.Equal(3, await shard.ScanAsync(Stop).CountAsync(Stop));
        Assert.Equal(1 + (3 * 3), store.Reads.Count);
        Assert.All(store.Reads.Skip(1), read => Assert.InRange(read.Count, 1, 1000));
    }

    [Fact]
    public void Missing_columns_are_named() => Fails(
        WriteColumns([Of("caption", "fox"), Of("jpg_0", new byte[] { 1 })]), "no column jpg_1, label_0", path => Open(path).Dispose());

    [Theory]
    [InlineData("caption", "is not text")]
    [InlineData("jpg_0", "is not binary")]
    [InlineData("label_0", "is not a number")]
    [InlineData("has_label", "is not true or false")]
    public void A_column_of_another_type_is_named(string column, string reason)
    {
        (Column, Action<RowGroupWriter>)[] good =
        [
            Of("caption", "fox"), Of("jpg_0", new byte[] { 1 }), Of("jpg_1", new byte[] { 2 }), Of("label_0", 1.0), Of("has_label", true),
        ];
        (Column, Action<RowGroupWriter>)[] wrong = [.. good.Where(c => c.Item1.Name != column), Of(column, new Date(1))];
        Fails(WriteColumns(wrong), $"row group 0: not readable as Pick-a-Pic parquet: the column {column} {reason}", ReadEverything);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(5000)]
    public void A_truncated_shard_is_a_data_error(int length)
    {
        var path = _shards.Write("x.parquet", 12);
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..length]);
        Fails(path, "", ReadEverything);
    }

    [Fact]
    public void Anything_else_is_a_data_error()
    {
        var path = Path.Combine(_shards.Path, "x.parquet");
        File.WriteAllText(path, "PAR1 this is not a parquet file PAR1");
        Fails(path, "", ReadEverything);
    }

    [Fact]
    public void A_corrupt_page_is_named_with_its_row_group()
    {
        var path = _shards.Write("x.parquet", 30);
        ShardDirectory.Corrupt(path, ShardDirectory.Record("x.parquet", 13).Image0!);
        Fails(path, "row group 1: not readable as Pick-a-Pic parquet: the column jpg_0", ReadEverything);
    }

    [Fact]
    public void Storage_failures_are_not_taken_for_corruption()
    {
        var path = _shards.Write("x.parquet", 30);
        using var shard = Open(path);
        File.Delete(path);
        Assert.Equal(ExitClass.InputMissing, Assert.Throws<RunException>(() => shard.ReadCaptions(2)).ExitClass);
    }

    [Fact]
    public void Flipped_bytes_never_crash_or_hang()
    {
        var path = _shards.Write("x.parquet", 6, rowsPerGroup: 3);
        var good = File.ReadAllBytes(path);
        var footer = good.Length - BitConverter.ToInt32(good, good.Length - 8) - 8;
        var anywhere = Gen.Int[0, good.Length - 1];
        (from places in Gen.OneOf(anywhere, Gen.Int[footer, good.Length - 1]).Array[1, 4] from value in Gen.Byte select (places, value)).Sample(
            pick =>
            {
                var bytes = (byte[])good.Clone();
                foreach (var place in pick.places)
                    bytes[place] ^= (byte)Math.Max(pick.value, (byte)1);
                File.WriteAllBytes(path, bytes);
                try
                {
                    ReadEverything(path);
                }
                catch (RunException failure)
                {
                    Assert.Equal(ExitClass.DataError, failure.ExitClass);
                    Assert.DoesNotContain('\n', failure.Message);
                }
            },
            iter: 2000,
            threads: 1);
    }

    private static byte[] Incompressible(int length)
    {
        var random = new CounterRandom(1, 0, length, DrawPurpose.Synthesis);
        return [.. Enumerable.Range(0, length).Select(_ => (byte)random.NextInt(256))];
    }

    private static void ReadEverything(string path)
    {
        using var shard = Open(path);
        for (var group = 0; group < shard.RowGroups; group++)
        {
            shard.ReadLabels(group);
            shard.ReadCaptions(group);
            shard.ReadImages(group, PickAPicColumn.Image0, [0, 1, 2]);
            shard.ReadImages(group, PickAPicColumn.Image1, [0, 1, 2]);
        }
    }

    private static PickAPicShard Open(string path, IObjectStore? store = null)
    {
        var (stores, uri) = (new Stores(), StorageUri.OfPath(path));
        return PickAPicShard.OpenAsync(store ?? stores.For(uri), stores.For(uri).FindAsync(uri, Stop).AsTask().Result!, Stop).AsTask().GetAwaiter().GetResult();
    }

    private static void Fails(string path, string message, Action<string> act)
    {
        var failure = Assert.Throws<RunException>(() => act(path));
        Assert.Equal(ExitClass.DataError, failure.ExitClass);
        Assert.Contains(path, failure.Message, StringComparison.Ordinal);
        Assert.Contains(message, failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', failure.Message);
    }

    private static (Column, Action<RowGroupWriter>) Of<T>(string name, T value) => (new Column<T>(name), group =>
    {
        using var column = group.NextColumn().LogicalWriter<T>();
        column.WriteBatch([value]);
    });

    private string WriteColumns((Column Column, Action<RowGroupWriter> Write)[] columns)
    {
        var path = Path.Combine(_shards.Path, "columns.parquet");
        using var writer = new ParquetFileWriter(path, [.. columns.Select(c => c.Column)]);
        using (var group = writer.AppendRowGroup())
        {
            foreach (var column in columns)
                column.Write(group);
        }

        writer.Close();
        return path;
    }
}
