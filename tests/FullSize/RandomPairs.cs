using DiffusionDpo.Data.Images;
using DiffusionDpo.Data.PickAPic;
using DiffusionDpo.Data.Randomness;
using DiffusionDpo.Models.Images;

namespace FullSize;

/// <summary>A shard of noise images of a real size in Pick-a-Pic's columns.</summary>
internal static class RandomPairs
{
    private const int Pairs = 4, Side = 512;

    public static void Write(string path)
    {
        if (File.Exists(path)) return;
        using FileStream stream = File.Create(path);
        PickAPicWriter.Write(stream, Enumerable.Range(0, Pairs).Select(i => new PickAPicRecord
        {
            Caption = $"a drawing of {i} things", Image0 = Image(2 * i), Image1 = Image((2 * i) + 1), Label0 = i % 2,
        }));
    }

    private static byte[] Image(int index)
    {
        var random = new CounterRandom(1, 0, index, DrawPurpose.Synthesis);
        return ImageEncoder.Png(new RgbImage([.. Enumerable.Range(0, Side * Side * 3).Select(_ => (byte)random.NextUInt32())], Side, Side));
    }
}
