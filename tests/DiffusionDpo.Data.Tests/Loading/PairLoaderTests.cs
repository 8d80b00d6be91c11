using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Data.Images;
using DiffusionDpo.Data.Loading;
using DiffusionDpo.Data.Pairs;
using DiffusionDpo.Data.Randomness;
using Xunit;

namespace DiffusionDpo.Data.Tests.Loading;

public sealed class PairLoaderTests : IDisposable
{
    private readonly ShardDirectory _shards = new();

    public void Dispose() => _shards.Dispose();

    private static DataOptions Options => new()
    {
        Sources = [],
        Resolution = 24,
        Crop = CropMode.Random,
        Flip = FlipMode.Image,
        EmptyPromptProportion = 0.25,
        PrefetchPairs = 5,
    };

    private static PairLoaderSettings Settings(DataOptions? options = null) => new() { Data = options ?? Options, Seed = 9 };

    private PairLoader Loader(PairLoaderSettings? settings = null, long cursor = 0) =>
        PairLoader.Training(_shards.Scan(), _shards.Stores, settings ?? Settings(), cursor);

    private static PreferencePair Next(PairLoader loader) => loader.Next(TestContext.Current.CancellationToken);

    private static PreferencePair[] Take(PairLoader loader, int count) => [.. Enumerable.Range(0, count).Select(_ => Next(loader))];

    [Fact]
    public void Winner_and_loser_are_what_the_labels_say()
    {
        _shards.Write("a.parquet", 9);
        using var loader = Loader(Settings(Options with { Crop = CropMode.Center, Flip = FlipMode.None, EmptyPromptProportion = 0 }));
        foreach (var pair in Take(loader, 6))
        {
            var row = int.Parse(pair.Prompt.Split(' ')[2]);
            var record = ShardDirectory.Record("a.parquet", row);
            Assert.Equal(1, pair.Weight);
            Assert.Equal(Pixels(record.Label0 == 1 ? record.Image0! : record.Image1!), pair.Winner);
            Assert.Equal(Pixels(record.Label0 == 1 ? record.Image1! : record.Image0!), pair.Loser);
        }

        static float[] Pixels(byte[] jpeg)
        {
            var resized = SquareTransform.ResizeShorterSide(ImageDecoder.Decode(jpeg), 24);
            return SquareTransform.ToPixelValues(
                resized, new Square(SquareTransform.CenterOffset(resized.Height, 24), SquareTransform.CenterOffset(resized.Width, 24), 24, false));
        }
    }

    [Fact]
    public void Pairs_come_in_the_order_of_samples_with_their_draws()
    {
        _shards.Write("a.parquet", 30);
        var (manifest, order) = (_shards.Scan(), new PairOrder(_shards.Scan(), 9));
        using var loader = PairLoader.Training(manifest, _shards.Stores, Settings());
        for (var index = 0L; index < 2 * manifest.Pairs; index++)
        {
            Assert.Equal(index, loader.Cursor);
            var pair = Next(loader);
            Assert.Equal((index, index / manifest.Pairs, order.PairAt(index)), (pair.GlobalIndex, pair.Epoch, pair.Pair));
            var dropped = new CounterRandom(9, pair.Epoch, index, DrawPurpose.CaptionDropout).NextDouble() < 0.25;
            Assert.Equal(dropped, pair.Prompt.Length == 0);
        }
    }

    [Fact]
    public void The_number_of_threads_changes_nothing()
    {
        _shards.Write("a.parquet", 40);
        _shards.Write("b.parquet", 20, rowsPerGroup: 3);
        using var one = Loader();
        var expected = Take(one, 70);
        for (var threads = 2; threads <= 8; threads++)
        {
            using var many = Loader(Settings(Options with { PrefetchPairs = 3 * threads }) with { Threads = threads });
            foreach (var (e, a) in expected.Zip(Take(many, expected.Length)))
                AssertSame(e, a);
        }
    }

    [Fact]
    public void Resuming_at_any_cursor_gives_the_same_pairs()
    {
        _shards.Write("a.parquet", 20);
        using var whole = Loader();
        var expected = Take(whole, 40);
        for (var cursor = 0; cursor < 35; cursor++)
        {
            using var resumed = Loader(cursor: cursor);
            for (var i = 0; i < 3; i++)
                AssertSame(expected[cursor + i], Next(resumed));
        }
    }

    [Fact]
    public void Ranks_together_prepare_what_one_prepares_and_read_each_group_once()
    {
        const int world = 4, batch = 32, batches = 36; // more than one epoch
        _shards.Write("a.parquet", 1100, rowsPerGroup: 18, change: (_, record) => record with { Label0 = 1 });
        var (manifest, settings) = (_shards.Scan(), Settings(Options with { Resolution = 8, Crop = CropMode.Center, Flip = FlipMode.None }));
        using var whole = PairLoader.Training(manifest, _shards.Stores, settings, cursor: batch);
        PairLoader[] ranks =
        [
            .. Enumerable.Range(0, world).Select(rank => PairLoader.Training(
                manifest, _shards.Stores, settings with { Share = new RankShare(rank, world, batch) }, cursor: batch)),
        ];
        for (var number = 0; number < batches; number++)
        {
            var pairs = ranks.SelectMany(rank => Take(rank, batch / world)).OrderBy(pair => pair.GlobalIndex).ToArray();
            Assert.All(Take(whole, batch).Zip(pairs), both => AssertSame(both.First, both.Second));
            Assert.All(ranks, rank => Assert.Equal(whole.Cursor, rank.Cursor));
        }

        var (one, all) = (whole.Reading.Groups, ranks.Sum(rank => rank.Reading.Groups));
        foreach (var rank in ranks) rank.Dispose();
        Assert.InRange(all, one, one + 12); // beyond those that lanes cut, only where an epoch ends within a batch
    }

    [Fact]
    public async Task Groups_are_let_go_when_their_window_is_over()
    {
        _shards.Write("a.parquet", 1600, rowsPerGroup: 70, change: (_, record) => record with { Label0 = 1, Image0 = Small, Image1 = Small });
        var (manifest, content) = (_shards.Scan(), new List<WeakReference>());
        using var reads = new GroupReads(manifest, async (group, stop) =>
        {
            var read = await RowGroupContent.ReadAsync(_shards.Stores, manifest.Shards[group.Shard], group, stop);
            lock (content) content.Add(new WeakReference(read));
            return read;
        });
        var order = new PairOrder(manifest, 1);
        for (var index = 0; index < 1500; index++)
            await reads.Of(order.VisitAt(index));
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        Assert.InRange(reads.Figures.Groups, 20, 45);
        Assert.InRange(content.Count(each => each.IsAlive), 1, 10); // of two windows of 512 pairs, less what they have not begun
    }

    private static byte[] Small { get; } = [1];

    [Fact]
    public void A_flip_per_pair_mirrors_both_or_neither()
    {
        _shards.Write("a.parquet", 30, change: (_, record) => record with { Image1 = record.Image0 });
        using var perPair = Loader(Settings(Options with { Flip = FlipMode.Pair, Crop = CropMode.Center }));
        Assert.All(Take(perPair, 20), pair => Assert.Equal(pair.Winner, pair.Loser));
        using var perImage = Loader(Settings(Options with { Flip = FlipMode.Image, Crop = CropMode.Center }));
        Assert.Contains(Take(perImage, 20), pair => !pair.Winner.SequenceEqual(pair.Loser));
    }

    [Fact]
    public void Bad_rows_are_named_once_skipped_and_counted()
    {
        _shards.Write("a.parquet", 30, change: (row, record) => row switch
        {
            3 => record with { Image0 = [1, 2, 3] },
            12 => record with { Image1 = null },
            16 => record with { Caption = null },
            21 => record with { Image1 = record.Image1![..100] },
            _ => record,
        });
        var named = new List<BadRow>();
        using var loader = Loader(Settings(Options with { MaxBadFraction = 0.2 }) with { OnBadRow = named.Add });
        var pairs = Take(loader, 40);
        Assert.Equal(8, pairs.Count(pair => pair.Weight == 0));
        Assert.All(pairs.Where(pair => pair.Weight == 0), pair => Assert.True(pair.Prompt.Length == 0 && pair.Winner.All(v => v == 0) && pair.Loser.All(v => v == 0)));
        Assert.Equal(4, loader.BadRows);
        string[] expected =
        [
            "row group 0, row 3: jpg_0: neither JPEG", "row group 1, row 2: jpg_1: no image", "row group 1, row 6: no caption",
            "row group 2, row 1: jpg_1: cannot be decoded",
        ];
        Assert.All(expected.Zip(named.Select(row => row.ToString()).Order()), both => Assert.Contains(both.First, both.Second, StringComparison.Ordinal));
    }

    [Fact]
    public void Too_many_bad_rows_end_the_run_at_the_same_pair_whatever_the_threads()
    {
        _shards.Write("a.parquet", 30, change: (row, record) => row % 5 == 0 ? record with { Image0 = [] } : record);
        var failures = Enumerable.Range(1, 4).Select(threads =>
        {
            using var loader = Loader(Settings(Options with { MaxBadFraction = 0.09 }) with { Threads = threads });
            var failure = Assert.Throws<RunException>(() => Take(loader, 20));
            Assert.Equal(ExitClass.DataError, failure.ExitClass);
            return (failure.Message, loader.Cursor);
        }).Distinct();
        var (message, _) = Assert.Single(failures);
        Assert.Contains("3 of 30 rows are bad", message, StringComparison.Ordinal);
        Assert.Contains("jpg_0: no bytes", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Bad_labels_of_the_manifest_count_too()
    {
        _shards.Write("a.parquet", 30, change: (_, record) => record with { Label0 = 1, Label1 = record.Label0 });
        Assert.Equal(ExitClass.DataError, Assert.Throws<RunException>(() => Loader()).ExitClass);
    }

    [Fact]
    public void A_corrupt_row_group_makes_its_rows_bad()
    {
        var path = _shards.Write("a.parquet", 30);
        ShardDirectory.Corrupt(path, ShardDirectory.Record("a.parquet", 13).Image1!);
        var manifest = _shards.Scan(); // looks at no image
        using var loader = PairLoader.Training(manifest, _shards.Stores, Settings(Options with { MaxBadFraction = 0.5 }));
        Assert.Equal(manifest.Groups[1].Pairs.Count, Take(loader, manifest.Pairs).Count(pair => pair.Weight == 0));
    }

    [Fact]
    public void A_shard_that_is_replaced_gives_no_pair_of_its_new_content()
    {
        _shards.Write("a.parquet", 30);
        var manifest = _shards.Scan();
        _shards.Write("a.parquet", 30, change: (row, record) => record with { Caption = "another" });
        using var loader = PairLoader.Training(manifest, _shards.Stores, Settings());
        var failure = Assert.Throws<RunException>(() => Take(loader, manifest.Pairs));
        Assert.Equal(ExitClass.DataError, failure.ExitClass);
        Assert.Contains("was replaced while it was in use", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_shard_that_disappears_is_missing_input_on_the_consumer()
    {
        var path = _shards.Write("a.parquet", 30);
        var manifest = _shards.Scan();
        File.Delete(path);
        using var loader = PairLoader.Training(manifest, _shards.Stores, Settings());
        Assert.Equal(ExitClass.InputMissing, Assert.Throws<RunException>(() => Next(loader)).ExitClass);
    }

    [Fact]
    public void Cancelling_the_wait_keeps_the_loader_usable()
    {
        _shards.Write("a.parquet", 30);
        using var loader = Loader();
        Assert.ThrowsAny<OperationCanceledException>(() => loader.Next(new CancellationToken(canceled: true)));
        Assert.Equal(0, Next(loader).GlobalIndex);
    }

    [Fact]
    public void Disposing_ends_the_threads_at_once()
    {
        _shards.Write("a.parquet", 30);
        var loader = Loader(Settings() with { Threads = 4 });
        Next(loader);
        loader.Dispose();
        loader.Dispose();
        Assert.Throws<ObjectDisposedException>(() => Next(loader));
    }

    [Fact]
    public void The_wait_for_data_is_measured()
    {
        _shards.Write("a.parquet", 30);
        using var loader = Loader();
        Next(loader);
        Assert.True(loader.DataWait > TimeSpan.Zero);
    }

    [Fact]
    public void Held_out_pairs_come_as_stored_without_chance()
    {
        _shards.Write("a.parquet", 12);
        using var loader = PairLoader.HeldOut(_shards.Scan(), _shards.Stores, Settings(Options with { EmptyPromptProportion = 1 }));
        var twice = Take(loader, 16);
        Assert.Equal(Enumerable.Range(0, 8).Concat(Enumerable.Range(0, 8)), twice.Select(pair => pair.Pair));
        Assert.All(twice, pair => Assert.NotEmpty(pair.Prompt));
        Assert.Equal(twice[3].Winner, twice[11].Winner);
    }

    private static void AssertSame(PreferencePair expected, PreferencePair actual)
    {
        Assert.Equal(expected with { Winner = [], Loser = [] }, actual with { Winner = expected.Winner[..0], Loser = [] });
        Assert.Equal(expected.Winner, actual.Winner);
        Assert.Equal(expected.Loser, actual.Loser);
    }
}
