using DiffusionDpo.Data.Images;
using DiffusionDpo.Data.PickAPic;
using DiffusionDpo.Models.Images;

namespace DiffusionDpo.Cli.Tests.Scenarios;

/// <summary>Shards of a few drawn pairs.</summary>
internal static class TinyData
{
    private const int Side = 64;

    public static void Write(string path, int pairs, int firstRow = 0, Func<PickAPicRecord, PickAPicRecord>? change = null)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using FileStream shard = File.Create(path);
        PickAPicWriter.Write(shard, Enumerable.Range(firstRow, pairs).Select(row => (change ?? (record => record))(Record(row))), rowsPerGroup: 5);
    }

    private static PickAPicRecord Record(int row) => new()
    {
        Caption = $"a pattern number {row}",
        Image0 = ImageEncoder.Jpeg(Drawing(2 * row)),
        Image1 = ImageEncoder.Jpeg(Drawing((2 * row) + 1)),
        Label0 = row % 2,
    };

    private static RgbImage Drawing(int number) =>
        new([.. Enumerable.Range(0, Side * Side * 3).Select(i => (byte)((i * (number + 3) / 7) + (i / Side % 5 * 40)))], Side, Side);
}
