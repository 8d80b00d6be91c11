using DiffusionDpo.Data.Pairs;
using DiffusionDpo.Storage;

namespace DiffusionDpo.Data.Tests.Pairs;

/// <summary>A manifest of shards that do not exist: every row is a pair, and the first image wins in every second one.</summary>
internal static class SyntheticManifest
{
    public static PairManifest Of(int shards, int groupsPerShard, int rowsPerGroup) =>
        new([.. Enumerable.Range(0, shards).Select(number => Shard(number, groupsPerShard, rowsPerGroup))]);

    private static ManifestShard Shard(int number, int groups, int rows)
    {
        var name = $"train-{number:D5}.parquet";
        LabelledRow[] pairs = [.. Enumerable.Range(0, rows).Select(row => new LabelledRow(row, row % 2 == 0))];
        var info = new ObjectInfo(StorageUri.Parse($"s3://bucket/data/{name}"), 500_000_000 + number, $"\"{number:x32}\"");
        return new ManifestShard(name, info, [.. Enumerable.Range(0, groups).Select(_ => new ManifestGroup(rows, pairs, 0, 0, []))]);
    }
}
