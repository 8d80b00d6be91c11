using DiffusionDpo.Api.Options;
using DiffusionDpo.Data.Images;
using DiffusionDpo.Data.PickAPic;
using DiffusionDpo.Data.Randomness;
using DiffusionDpo.Models.Images;
using DiffusionDpo.Storage;

namespace Benchmarks.Streaming;

/// <summary>Shards like those of Pick-a-Pic: JPEG files of 768 pixels and about 170 kB, row groups of 100 rows.</summary>
internal static class DataSet
{
    public const int RowsPerGroup = 100;
    public const int DifferentImages = 64;
    private const int Side = 768;

    /// <summary>Writes shards of so many row groups each to a directory of any scheme.</summary>
    public static IReadOnlyList<DataSource> Write(Stores stores, StorageUri directory, int shards, int groupsPerShard)
    {
        byte[][] images = [.. Enumerable.Range(0, DifferentImages).Select(Image)];
        for (var shard = 0; shard < shards; shard++)
        {
            var first = shard * groupsPerShard * RowsPerGroup;
            var uri = directory.Combine($"train-{shard:D5}.parquet");
            stores.For(uri).WriteAsync(uri, (to, _) =>
            {
                PickAPicWriter.Write(to, Enumerable.Range(first, groupsPerShard * RowsPerGroup).Select(row => Record(images, row)), RowsPerGroup);
                return ValueTask.CompletedTask;
            }).AsTask().GetAwaiter().GetResult();
        }

        return [new DataSource { Uri = directory.ToString() }];
    }

    /// <summary>The images that the shards repeat.</summary>
    public static byte[] Image(int number)
    {
        var (random, pixels) = (new CounterRandom(7, 0, number, DrawPurpose.Synthesis), new byte[3 * Side * Side]);
        for (int y = 0, at = 0; y < Side; y++)
        {
            for (var x = 0; x < Side; x++)
            {
                var (wave, noise) = (Math.Sin((x + (number * 17)) / 37.0) * Math.Cos(y / (23.0 + number)), random.NextInt(27) - 13);
                for (var band = 0; band < 3; band++)
                    pixels[at++] = (byte)Math.Clamp(128 + (70 * wave) + noise + (30 * Math.Sin((x + y) / (90.0 + (40 * band)))), 0, 255);
            }
        }

        return ImageEncoder.Jpeg(new RgbImage(pixels, Side, Side), quality: 90);
    }

    private static PickAPicRecord Record(byte[][] images, int row) => new()
    {
        Caption = $"an image of row {row}", Image0 = images[2 * row % DifferentImages], Image1 = images[((2 * row) + 1) % DifferentImages], Label0 = row % 10 == 9 ? 0.5 : row % 2,
    };
}
