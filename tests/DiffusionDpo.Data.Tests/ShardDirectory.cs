using DiffusionDpo.Api.Options;
using DiffusionDpo.Data.Images;
using DiffusionDpo.Data.Pairs;
using DiffusionDpo.Data.PickAPic;
using DiffusionDpo.Data.Tests.Images;
using DiffusionDpo.Storage;

namespace DiffusionDpo.Data.Tests;

/// <summary>A directory of small real shards, removed at the end.</summary>
internal sealed class ShardDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("ddpo-shards-").FullName;

    public Stores Stores { get; } = new();

    public IReadOnlyList<DataSource> Sources => [new DataSource { Uri = Path }];

    public PairManifest Scan() => PairManifest.Scan(Stores, Sources);

    /// <summary>Writes a shard of rows whose label_0 runs 1, 0, 0.5 and whose captions and images tell them apart.</summary>
    public string Write(string name, int rows, int rowsPerGroup = 10, Func<int, PickAPicRecord, PickAPicRecord>? change = null)
    {
        var path = System.IO.Path.Combine(Path, name);
        using var file = File.Create(path);
        PickAPicWriter.Write(file, Enumerable.Range(0, rows).Select(row => (change ?? ((_, record) => record))(row, Record(name, row))), rowsPerGroup);
        return path;
    }

    public static PickAPicRecord Record(string name, int row) => new()
    {
        Caption = $"{name} row {row} ünï",
        Image0 = ImageEncoder.Jpeg(Drawing.Of(40, 32, 2 * row)),
        Image1 = ImageEncoder.Jpeg(Drawing.Of(32, 48, (2 * row) + 1)),
        Label0 = (row % 3) switch { 0 => 1, 1 => 0, _ => 0.5 },
    };

    /// <summary>Flips a bit of an image inside a shard.</summary>
    public static void Corrupt(string path, byte[] image)
    {
        var bytes = File.ReadAllBytes(path);
        var place = bytes.AsSpan().IndexOf(image.AsSpan(image.Length - 64, 48));
        if (place < 0) throw new InvalidOperationException("the image is stored compressed");
        bytes[place + 24] ^= 1;
        File.WriteAllBytes(path, bytes);
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
