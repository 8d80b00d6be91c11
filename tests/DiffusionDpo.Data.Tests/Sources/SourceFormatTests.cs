using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Data.Images;
using DiffusionDpo.Data.Loading;
using DiffusionDpo.Data.Pairs;
using DiffusionDpo.Data.Sources;
using Xunit;

namespace DiffusionDpo.Data.Tests.Sources;

/// <summary>What is true of all formats.</summary>
public sealed class SourceFormatTests : IDisposable
{
    private const int Rows = 9;

    private readonly ShardDirectory _shards = new();

    public void Dispose() => _shards.Dispose();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<DataFormat> Formats => [.. Enum.GetValues<DataFormat>()];

    private static string Extension(DataFormat format) => ShardFormats.Of(format).Extensions[0];

    private string Write(DataFormat format, string name, int rows = Rows) => format switch
    {
        DataFormat.PickAPic => _shards.Write(name, rows),
        DataFormat.WebDataset => _shards.WriteTar(name, Enumerable.Range(0, rows).SelectMany(row => ShardDirectory.Members(name, row))),
        _ => _shards.WriteLines(name, rows, Enumerable.Range(0, rows).Select(row => ShardDirectory.Line(name, row))),
    };

    private PairLoader Loader(PairManifest manifest, double maxBadFraction = 0, Action<BadRow>? onBadRow = null) => PairLoader.HeldOut(
        manifest,
        _shards.Stores,
        new PairLoaderSettings { Data = new DataOptions { Sources = [], Resolution = 24, MaxBadFraction = maxBadFraction }, Seed = 1, OnBadRow = onBadRow });

    [Theory]
    [MemberData(nameof(Formats))]
    public void Winner_and_loser_are_what_the_shard_says(DataFormat format)
    {
        var name = "a" + Extension(format);
        Write(format, name);
        using var loader = Loader(_shards.Scan(format));
        foreach (var row in Enumerable.Range(0, Rows).Where(row => format == DataFormat.WebDataset || row % 3 != 2))
        {
            var (pair, record) = (loader.Next(Stop), ShardDirectory.Record(name, row));
            var isFirst = format == DataFormat.WebDataset || record.Label0 == 1;
            Assert.Equal((1.0, record.Caption), (pair.Weight, pair.Prompt));
            Assert.Equal(Pixels(isFirst ? record.Image0! : record.Image1!), pair.Winner);
            Assert.Equal(Pixels(isFirst ? record.Image1! : record.Image0!), pair.Loser);
        }

        Assert.InRange(loader.Reading.Amplification, 1, 10); // of tiny images: footer and headers are most of it
        Assert.True(loader.Reading.Bytes >= loader.Reading.NeededBytes && loader.Reading.NeededBytes > 0);
    }

    [Fact]
    public void A_link_to_a_directory_is_not_passed_over_without_a_word()
    {
        Directory.CreateDirectory(Path.Combine(_shards.Path, "deep"));
        Write(DataFormat.PickAPic, "a.parquet");
        Directory.CreateSymbolicLink(Path.Combine(_shards.Path, "..data"), "/tmp"); // as Kubernetes mounts a ConfigMap
        _shards.Scan();
        var link = Path.Combine(_shards.Path, "deep", "disk2");
        Directory.CreateSymbolicLink(link, _shards.Path);
        var failure = Assert.Throws<RunException>(() => _shards.Scan());
        Assert.Equal(ExitClass.ConfigurationError, failure.ExitClass);
        Assert.StartsWith($"{link} is a link to a directory", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_too_long_is_a_bad_row()
    {
        _shards.Write("a.parquet", 3, change: (row, record) => record with
        {
            Label0 = 1, Caption = row == 0 ? new string('x', 70_000) : record.Caption, Image1 = row == 1 ? new byte[(int)EncodedImage.MostBytes + 1] : record.Image1,
        });
        List<string> bad = [];
        using var loader = Loader(_shards.Scan(), maxBadFraction: 0.9, row => bad.Add(row.Reason));
        Assert.Equal([0.0, 0, 1], Enumerable.Range(0, 3).Select(_ => loader.Next(Stop).Weight));
        Assert.Equal(["a caption of 70000 bytes, more than 65536", "jpg_1: 67108865 bytes, more than 67108864"], bad);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Other_files_in_the_directory_are_no_shards(DataFormat format)
    {
        Write(format, "b" + Extension(format).ToUpperInvariant());
        Write(format, "a" + Extension(format));
        File.WriteAllText(Path.Combine(_shards.Path, "a.txt"), "x");
        Assert.Equal(2, _shards.Scan(format).ShardUris.Count());
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void A_source_without_shards_names_what_it_looks_for(DataFormat format)
    {
        var failure = Assert.Throws<RunException>(() => _shards.Scan(format));
        Assert.Equal(ExitClass.InputMissing, failure.ExitClass);
        Assert.Contains($"*{Extension(format)}", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void An_object_of_no_bytes_is_fatal_or_passed_over_by_option(DataFormat format) => BadShard(format, []);

    [Theory]
    [InlineData(DataFormat.PickAPic)]
    [InlineData(DataFormat.WebDataset)]
    public void A_shard_of_something_else_is_fatal_or_passed_over_by_option(DataFormat format) =>
        BadShard(format, File.ReadAllBytes(Environment.ProcessPath!));

    private void BadShard(DataFormat format, byte[] bytes)
    {
        Write(format, "a" + Extension(format));
        foreach (var name in new[] { "b", "c" })
            File.WriteAllBytes(Path.Combine(_shards.Path, name + Extension(format)), bytes);
        var failure = Assert.Throws<RunException>(() => _shards.Scan(format));
        Assert.Equal(ExitClass.DataError, failure.ExitClass);
        Assert.StartsWith($"2 of 3 shards cannot be read; the first: {_shards.Path}/b{Extension(format)}: ", failure.Message, StringComparison.Ordinal);

        var manifest = PairManifest.Scan(_shards.Stores, _shards.SourcesOf(format), BadShards.Skip, Stop);
        Assert.Equal(["b", "c"], manifest.BadShards.Select(shard => Path.GetFileNameWithoutExtension(shard.Shard.Uri.Name)));
        Assert.All(manifest.BadShards, shard => Assert.StartsWith($"{shard.Shard.Uri}", shard.Reason, StringComparison.Ordinal));
        Assert.Equal(Rows, manifest.Rows);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Nothing_but_bad_shards_is_no_data(DataFormat format)
    {
        File.WriteAllBytes(Path.Combine(_shards.Path, "a" + Extension(format)), []);
        var failure = Assert.Throws<RunException>(() => PairManifest.Scan(_shards.Stores, _shards.SourcesOf(format), BadShards.Skip, Stop));
        Assert.Contains("no pair is left of 0 rows in 0 shards", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void A_shard_that_is_cut_off_after_it_was_scanned_makes_bad_rows_with_a_reason(DataFormat format)
    {
        var path = Write(format, "a" + Extension(format), rows: 30);
        var manifest = _shards.Scan(format);
        using (var file = File.OpenWrite(path)) file.SetLength(file.Length / 2);
        var bad = new List<BadRow>();
        using var loader = Loader(manifest, maxBadFraction: 1, bad.Add);
        var weights = Enumerable.Range(0, manifest.Pairs).Select(_ => loader.Next(Stop).Weight).ToArray();
        Assert.Contains(0.0, weights);
        Assert.NotEmpty(bad);
        Assert.All(bad, row => Assert.Contains(path, row.Shard + row.Reason, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(DataFormat.WebDataset, "row group 0, row 4: l: cannot be decoded")]
    [InlineData(DataFormat.JsonLines, "row group 0, row 4: image1: cannot be decoded")]
    public void A_truncated_image_is_named(DataFormat format, string expected)
    {
        var name = "a" + Extension(format);
        if (format == DataFormat.WebDataset)
            _shards.WriteTar(name, Enumerable.Range(0, Rows).SelectMany(row => ShardDirectory.Members(name, row))
                .Select(member => member.Name == "00004.l.jpg" ? (member.Name, member.Bytes[..300]) : member));
        else
            Write(format, name);
        if (format == DataFormat.JsonLines) File.WriteAllBytes(Path.Combine(_shards.Path, "images/4.1.jpg"), ShardDirectory.Record(name, 4).Image1![..300]);
        var bad = new List<BadRow>();
        using var loader = Loader(_shards.Scan(format), maxBadFraction: 0.5, bad.Add);
        for (var i = 0; i < 6; i++)
            loader.Next(Stop);
        Assert.Contains(expected, Assert.Single(bad).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Sources_of_several_formats_are_one_data_set()
    {
        foreach (var format in Enum.GetValues<DataFormat>())
            Write(format, "a" + Extension(format));
        var manifest = PairManifest.Scan(_shards.Stores, [.. Enum.GetValues<DataFormat>().SelectMany(_shards.SourcesOf)], Stop);
        Assert.Equal(6 + 9 + 6, manifest.Pairs);
        using var loader = PairLoader.Training(
            manifest,
            _shards.Stores,
            new PairLoaderSettings { Data = new DataOptions { Sources = [], Resolution = 24, Crop = CropMode.Center, Flip = FlipMode.None, EmptyPromptProportion = 0 }, Seed = 1 });
        Assert.Equal(Enumerable.Range(0, 21), Enumerable.Range(0, 21).Select(_ => loader.Next(Stop).Pair).Order());
    }

    private static float[] Pixels(byte[] jpeg)
    {
        var resized = SquareTransform.ResizeShorterSide(ImageDecoder.Decode(jpeg), 24);
        return SquareTransform.ToPixelValues(
            resized, new Square(SquareTransform.CenterOffset(resized.Height, 24), SquareTransform.CenterOffset(resized.Width, 24), 24, false));
    }
}
