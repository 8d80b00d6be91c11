using System.Formats.Tar;
using System.Text;
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

    public IReadOnlyList<DataSource> SourcesOf(DataFormat format) => [new DataSource { Uri = Path, Format = format }];

    public PairManifest Scan(DataFormat format = DataFormat.PickAPic) => PairManifest.Scan(Stores, SourcesOf(format));

    /// <summary>Writes a shard of rows whose label_0 runs 1, 0, 0.5 and whose captions and images tell them apart.</summary>
    public string Write(string name, int rows, int rowsPerGroup = 10, Func<int, PickAPicRecord, PickAPicRecord>? change = null)
    {
        var path = System.IO.Path.Combine(Path, name);
        using var file = File.Create(path);
        PickAPicWriter.Write(file, Enumerable.Range(0, rows).Select(row => (change ?? ((_, record) => record))(row, Record(name, row))), rowsPerGroup);
        return path;
    }

    /// <summary>Writes a tar file of members.</summary>
    public string WriteTar(string name, IEnumerable<(string Name, byte[] Bytes)> members, TarEntryFormat format = TarEntryFormat.Ustar)
    {
        var path = System.IO.Path.Combine(Path, name);
        using var file = File.Create(path);
        using var tar = new TarWriter(file, format);
        foreach (var (member, bytes) in members)
        {
            TarEntry entry = format switch
            {
                TarEntryFormat.V7 => new V7TarEntry(TarEntryType.V7RegularFile, member),
                TarEntryFormat.Ustar => new UstarTarEntry(TarEntryType.RegularFile, member),
                TarEntryFormat.Gnu => new GnuTarEntry(TarEntryType.RegularFile, member),
                _ => new PaxTarEntry(TarEntryType.RegularFile, member),
            };
            entry.DataStream = new MemoryStream(bytes);
            tar.WriteEntry(entry);
        }

        return path;
    }

    /// <summary>The members of a row in a tar file: the first image of the record wins.</summary>
    public static IEnumerable<(string Name, byte[] Bytes)> Members(string name, int row, string directory = "")
    {
        var (record, key) = (Record(name, row), $"{directory}{row:D5}");
        return [($"{key}.w.jpg", record.Image0!), ($"{key}.l.jpg", record.Image1!), ($"{key}.txt", Encoding.UTF8.GetBytes(record.Caption! + "\n"))];
    }

    /// <summary>Writes lines, and an images directory with the images of so many rows that lines may name.</summary>
    public string WriteLines(string name, int images, IEnumerable<string> lines)
    {
        Directory.CreateDirectory(System.IO.Path.Combine(Path, "images"));
        for (var row = 0; row < images; row++)
        {
            File.WriteAllBytes(System.IO.Path.Combine(Path, $"images/{row}.0.jpg"), Record(name, row).Image0!);
            File.WriteAllBytes(System.IO.Path.Combine(Path, $"images/{row}.1.jpg"), Record(name, row).Image1!);
        }

        var path = System.IO.Path.Combine(Path, name);
        File.WriteAllText(path, string.Join('\n', lines));
        return path;
    }

    /// <summary>The line of a row, with the preference of its record.</summary>
    public static string Line(string name, int row)
    {
        var record = Record(name, row);
        var preference = record.Label0 switch { 1 => "image0", 0 => "image1", _ => "tie" };
        return $$"""{"prompt": "{{record.Caption}}", "image0": "images/{{row}}.0.jpg", "image1": "images/{{row}}.1.jpg", "preference": "{{preference}}"}""";
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
