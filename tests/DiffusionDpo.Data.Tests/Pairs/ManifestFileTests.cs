using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Data.Pairs;
using DiffusionDpo.Storage;
using Xunit;

namespace DiffusionDpo.Data.Tests.Pairs;

/// <summary>Runs alone: memory that is measured is the process's.</summary>
[CollectionDefinition(nameof(ManifestFileTests), DisableParallelization = true)]
[Collection(nameof(ManifestFileTests))]
public sealed class ManifestFileTests : IDisposable
{
    private readonly ShardDirectory _shards = new();
    private readonly StorageUri _uri;

    public ManifestFileTests() => _uri = StorageUri.OfPath(Path.Combine(_shards.Path, "prepared", "manifest"));

    public void Dispose() => _shards.Dispose();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private IReadOnlyList<DataSource> AllSources =>
        [.. _shards.Sources, .. _shards.SourcesOf(DataFormat.WebDataset), .. _shards.SourcesOf(DataFormat.JsonLines)];

    private PairManifest Scan(BadShards badShards = BadShards.Fail) => PairManifest.Scan(_shards.Stores, AllSources, badShards, Stop);

    private Task<PairManifest?> Read(IReadOnlyList<DataSource>? sources = null) => ManifestFile.ReadAsync(_shards.Stores, _uri, sources ?? AllSources, Stop);

    private Task Write(PairManifest manifest) => ManifestFile.WriteAsync(_shards.Stores, _uri, manifest, AllSources, Stop);

    private void WriteShards()
    {
        _shards.Write("a.parquet", 25, change: (row, record) => row switch { 4 => record with { HasLabel = false }, 13 => record with { Label0 = 0.25 }, _ => record });
        _shards.Write("b.parquet", 7);
        _shards.WriteTar("c.tar", Enumerable.Range(0, 70).SelectMany(row => ShardDirectory.Members("c", row)).Skip(1));
        _shards.WriteLines("d.jsonl", 3, Enumerable.Range(0, 3).Select(row => ShardDirectory.Line("d.jsonl", row)).Append("{"));
    }

    [Fact]
    public async Task What_was_written_is_read_back()
    {
        WriteShards();
        File.WriteAllBytes(Path.Combine(_shards.Path, "e.tar"), [1, 2, 3]);
        var written = Scan(BadShards.Skip);
        await Write(written);
        var read = (await Read())!;
        Assert.Equal(written.Hash, read.Hash);
        Assert.Equal((written.Pairs, written.Rows, written.Ties, written.Unlabelled), (read.Pairs, read.Rows, read.Ties, read.Unlabelled));
        Assert.Equal(written.BadRows, read.BadRows);
        Assert.Equal(3, read.BadRows.Count);
        Assert.Equal("e.tar", Assert.Single(read.BadShards).Shard.Uri.Name);
        Assert.Equal(written.BadShards, read.BadShards);
        Assert.Equal(written.Shards.Select(shard => (shard.Name, shard.Info, shard.Format)), read.Shards.Select(shard => (shard.Name, shard.Info, shard.Format)));
        Assert.Equal(written.Groups.Select(group => group with { Pairs = [] }), read.Groups.Select(group => group with { Pairs = [] }));
        Assert.Equal(written.Groups.SelectMany(group => group.Pairs), read.Groups.SelectMany(group => group.Pairs));
    }

    [Fact]
    public async Task A_shard_that_could_not_be_read_and_was_replaced_is_another_shard()
    {
        WriteShards();
        var bad = Path.Combine(_shards.Path, "e.tar");
        File.WriteAllBytes(bad, [1, 2, 3]);
        await Write(Scan(BadShards.Skip));
        Assert.NotNull(await Read());
        _shards.WriteTar("e.tar", ShardDirectory.Members("e", 0));
        var failure = await Assert.ThrowsAsync<RunException>(() => Read());
        Assert.Equal(ExitClass.DataError, failure.ExitClass);
        Assert.Contains("e.tar", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_same_manifest_gives_the_same_bytes()
    {
        WriteShards();
        await Write(Scan());
        var first = File.ReadAllBytes(_uri.LocalPath);
        await Write((await Read())!);
        Assert.Equal(first, File.ReadAllBytes(_uri.LocalPath));
    }

    [Fact]
    public async Task Where_there_is_none_there_is_null() => Assert.Null(await Read([]));

    [Fact]
    public async Task Other_sources_are_refused_with_both_shown()
    {
        WriteShards();
        await Write(Scan());
        var failure = await Fails(ExitClass.ConfigurationError, [new DataSource { Uri = "/data/other", Format = DataFormat.JsonLines }]);
        Assert.Contains($"is a manifest of {_shards.Path} (pickapic), {_shards.Path} (webdataset), {_shards.Path} (jsonlines), and the sources are /data/other (jsonlines)", failure, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("replaced")]
    [InlineData("touched")]
    [InlineData("added")]
    [InlineData("added at the end")]
    [InlineData("removed")]
    public async Task Changed_shards_are_refused_with_both_shown(string what)
    {
        WriteShards();
        await Write(Scan());
        Assert.NotNull(await Read());
        Change(what);
        Assert.Matches(
            @"is a manifest of other shards: shard \d was (none|\S+ \(\d+ bytes, version \S+\)) and is (none|\S+ \(\d+ bytes, version \S+\)); prepare",
            await Fails(ExitClass.DataError));
    }

    private void Change(string what)
    {
        var one = Path.Combine(_shards.Path, "b.parquet");
        if (what == "replaced") _shards.Write("b.parquet", 8);
        else if (what == "touched") File.SetLastWriteTimeUtc(one, DateTime.UnixEpoch);
        else if (what == "added") File.Copy(one, Path.Combine(_shards.Path, "aa.parquet"));
        else if (what == "added at the end") _shards.WriteLines("e.jsonl", 0, ["{}"]);
        else File.Delete(one);
    }

    [Fact]
    public async Task Any_flipped_bit_and_any_truncation_is_found()
    {
        _shards.Write("a.parquet", 5);
        var sources = _shards.Sources;
        await ManifestFile.WriteAsync(_shards.Stores, _uri, PairManifest.Scan(_shards.Stores, sources, Stop), sources, Stop);
        var sound = File.ReadAllBytes(_uri.LocalPath);
        for (var at = 0; at < sound.Length; at++)
        {
            byte[] flipped = [.. sound];
            flipped[at] ^= 1;
            File.WriteAllBytes(_uri.LocalPath, flipped);
            Assert.Contains("cannot be used as a manifest", await Fails(ExitClass.DataError, sources), StringComparison.Ordinal);
            File.WriteAllBytes(_uri.LocalPath, sound[..at]);
            Assert.Contains("cannot be used as a manifest", await Fails(ExitClass.DataError, sources), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_million_pairs_are_small()
    {
        var manifest = SyntheticManifest.Of(shards: 673, groupsPerShard: 15, rowsPerGroup: 100);
        Assert.InRange(manifest.Pairs, 1_000_000, 1_020_000);
        var uri = StorageUri.OfPath(Path.Combine(_shards.Path, "million"));
        await ManifestFile.WriteAsync(_shards.Stores, uri, manifest, AllSources, Stop);
        Assert.InRange(new FileInfo(uri.LocalPath).Length, 100_000, 1_000_000);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var (read, order) = Load(uri.LocalPath);
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, 1, 30_000_000);
        Assert.Equal(manifest.Hash, read.Hash);
        Assert.InRange(order.PairAt(123_456_789), 0, read.Pairs - 1);
    }

    [Fact]
    public void Shards_of_odd_names_are_read_back()
    {
        var manifest = SyntheticManifest.Of(shards: 1, groupsPerShard: 1, rowsPerGroup: 4);
        var uri = StorageUri.Parse("s3://bucket/data").Combine("train@1 #2?.tar");
        var shard = manifest.Shards[0] with { Info = manifest.Shards[0].Info with { Uri = uri } };
        var (read, _) = ManifestCodec.Decode(ManifestCodec.Encode(new PairManifest([shard]), AllSources));
        Assert.Equal(uri, read.Shards[0].Info.Uri);
    }

    private static (PairManifest, PairOrder) Load(string path)
    {
        var (read, _) = ManifestCodec.Decode(File.ReadAllBytes(path));
        var order = new PairOrder(read, 1);
        order.PairAt(0);
        return (read, order);
    }

    private async Task<string> Fails(ExitClass expected, IReadOnlyList<DataSource>? sources = null)
    {
        var failure = await Assert.ThrowsAsync<RunException>(() => Read(sources));
        Assert.Equal(expected, failure.ExitClass);
        Assert.Contains(_uri.ToString(), failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', failure.Message);
        return failure.Message;
    }
}
