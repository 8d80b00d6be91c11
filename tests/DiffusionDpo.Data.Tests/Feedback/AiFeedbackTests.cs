using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Data.Feedback;
using DiffusionDpo.Data.Images;
using DiffusionDpo.Data.Loading;
using DiffusionDpo.Data.Pairs;
using DiffusionDpo.Data.Tests.Images;
using DiffusionDpo.Models.Scorers;
using DiffusionDpo.Storage;
using Xunit;

namespace DiffusionDpo.Data.Tests.Feedback;

public sealed class AiFeedbackTests : IDisposable
{
    private readonly ShardDirectory _shards = new();
    private readonly DirectoryInfo _scores = Directory.CreateTempSubdirectory("ddpo-scores-");
    private readonly TasteOfAScorer _taste = new();

    private StorageUri Scores => StorageUri.OfPath(_scores.FullName);

    private string[] ScoreFiles => [.. Directory.GetFiles(_scores.FullName, "*.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];

    public void Dispose()
    {
        _taste.Dispose();
        _shards.Dispose();
        _scores.Delete(recursive: true);
    }

    [Fact]
    public void Labels_that_the_scorer_made_agree_wholly_with_it_and_make_the_same_manifest()
    {
        Write("a.parquet", 60, (_, margin) => margin > 0 ? 1 : 0);
        var human = _shards.Scan();
        var (manifest, facts) = Relabel(human);
        Assert.Equal((60, 60, 60), (facts.Rows, facts.Pairs, facts.Compared));
        Assert.Equal(1, facts.Agreement);
        Assert.Equal(1, facts.Kappa!.Value, 1e-12);
        Assert.Equal(human.Hash, manifest.Hash);
    }

    [Fact]
    public void Labels_the_other_way_round_never_agree_and_make_another_manifest()
    {
        Write("a.parquet", 60, (_, margin) => margin > 0 ? 0 : 1);
        var human = _shards.Scan();
        var (manifest, facts) = Relabel(human);
        Assert.Equal(0, facts.Agreement);
        Assert.InRange(facts.Kappa!.Value, -1, -0.9);
        Assert.Equal(human.Pairs, manifest.Pairs);
        Assert.NotEqual(human.Hash, manifest.Hash);
        Assert.All(human.Shards[0].Groups.Zip(manifest.Shards[0].Groups), groups =>
            Assert.Equal(groups.First.Pairs.Select(pair => new LabelledRow(pair.Row, !pair.FirstWins)), groups.Second.Pairs));
    }

    [Fact]
    public void Labels_by_lot_agree_by_chance()
    {
        var random = new Random(7);
        Write("a.parquet", 200, (_, _) => random.Next(2));
        var (_, facts) = Relabel(_shards.Scan());
        Assert.InRange(facts.Agreement!.Value, 0.5 - 0.12, 0.5 + 0.12); // three and a half standard deviations
        Assert.InRange(facts.Kappa!.Value, -0.24, 0.24);
    }

    [Fact]
    public void Undecided_and_unlabelled_rows_become_pairs_and_the_table_counts_every_row_once()
    {
        // by thirds: decided as the scorer does, undecided, not labelled
        _shards.Write("a.parquet", 30, change: (row, _) => _taste.Row(row, (row, margin) => row % 3 == 1 ? 0.5 : margin > 0 ? 1 : 0) with { HasLabel = row % 3 != 2 });
        var human = _shards.Scan();
        Assert.Equal((10, 10, 10), (human.Pairs, human.Ties, human.Unlabelled));
        var (manifest, facts) = Relabel(human);
        Assert.Equal((30, 0, 20), (manifest.Pairs, facts.PairsDropped, facts.PairsAdded));
        Assert.Equal((10, 1.0), (facts.Compared, facts.Agreement));
        Assert.Equal(30, facts.Confusion.Values.Sum(row => row.Values.Sum()));
        Assert.Equal(10, facts.Confusion["tie"]["first"] + facts.Confusion["tie"]["second"]);
        Assert.Equal(10, facts.Confusion["unlabelled"]["first"] + facts.Confusion["unlabelled"]["second"]);
    }

    [Fact]
    public void Scores_closer_than_the_threshold_are_ties_and_another_threshold_computes_nothing()
    {
        Write("a.parquet", 40, (_, margin) => margin > 0 ? 1 : 0);
        var (_, all) = Relabel(_shards.Scan());
        double[] margins = [.. Enumerable.Range(0, 40).Select(row => Math.Abs(_taste.Margin(row, null!))).Order()];
        var between = (margins[24] + margins[25]) / 2;
        var (manifest, facts) = Relabel(_shards.Scan(), between);
        Assert.Equal((15, 25, 25), (manifest.Pairs, facts.Ties, facts.PairsDropped));
        Assert.Equal((80, 0, 0), (all.ImagesEmbedded, facts.ImagesEmbedded, facts.ScoresComputed));
        Assert.Equal((0, 1), (facts.ShardsScored, facts.ShardsReused));
        var nothing = Assert.Throws<RunException>(() => Relabel(_shards.Scan(), margins[^1] + 1e-3));
        Assert.Equal(ExitClass.DataError, nothing.ExitClass);
        Assert.Contains("tieThreshold", nothing.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Margins_are_kept_and_are_those_of_each_image_scored_alone()
    {
        Write("a.parquet", 37, (_, margin) => margin > 0 ? 1 : 0, rowsPerGroup: 9);
        Relabel(_shards.Scan());
        var scored = ScoreCache.Read(File.ReadAllBytes(Assert.Single(ScoreFiles)))!;
        Assert.Equal([9, 9, 9, 9, 1], scored.Groups.Select(group => group.Rows));
        double[] margins = [.. scored.Groups.SelectMany(group => Enumerable.Range(0, group.Rows).Select(row => group.MarginOf(row)!.Value))];
        for (var row = 0; row < margins.Length; row++)
            Assert.Equal(_taste.Margin(row, null!), margins[row], 1e-4); // PickScores of some tens, in float32
    }

    [Fact]
    public void An_image_with_a_prompt_is_scored_once_in_whichever_shard_it_is()
    {
        // Each image stands in two rows of one prompt, and in another shard again.
        foreach (var shard in (string[])["a.parquet", "b.parquet"])
            _shards.Write(shard, 20, change: (row, _) => _taste.Row(row / 2, (_, margin) => margin > 0 ? 1 : 0));
        var (manifest, facts) = Relabel(_shards.Scan());
        Assert.Equal((40, 20, 20), (manifest.Pairs, facts.ImagesEmbedded, facts.ScoresComputed));
    }

    [Fact]
    public void The_same_image_with_other_prompts_has_other_scores()
    {
        _shards.Write("a.parquet", 6, change: (row, _) => _taste.Row(0, (_, margin) => margin > 0 ? 1 : 0) with { Caption = $"prompt {row / 2}" });
        var (_, facts) = Relabel(_shards.Scan());
        Assert.Equal((2, 6), (facts.ImagesEmbedded, facts.ScoresComputed));
    }

    [Fact]
    public void The_aesthetic_scorer_looks_at_no_prompt()
    {
        using var taste = new TasteOfAScorer(ScorerType.Aesthetic);
        _shards.Write("a.parquet", 6, change: (row, _) => taste.Row(row / 3, (_, margin) => margin > 0 ? 1 : 0) with { Caption = $"prompt {row}" });
        var (_, facts) = Relabel(_shards.Scan(), by: taste.Scorer);
        Assert.Equal((1.0, 4, 4), (facts.Agreement, facts.ImagesEmbedded, facts.ScoresComputed));
    }

    [Fact]
    public void A_score_is_the_same_to_the_bit_wherever_in_a_batch_it_is_computed()
    {
        var images = Enumerable.Range(0, 19).Select(i => ImageEncoder.Png(Drawing.Of(40, 30, i))).ToArray();
        var batches = new ImageBatches(_taste.Scorer, threads: 2);
        var (all, prompts) = (Scores(images), new[] { "a fox", "a dog" });
        for (var i = 0; i < images.Length; i += 3)
            Assert.Equal(all[i], Scores([images[i]])[0]);

        float[] Scores(byte[][] of)
        {
            using var scope = TorchSharp.torch.NewDisposeScope();
            var (directions, reasons) = batches.EmbedImages(of, TestContext.Current.CancellationToken);
            Assert.All(reasons, Assert.Null);
            return batches.Score(directions, batches.EmbedPrompts(["a fox", "a dog"]), [.. of.Select((_, i) => (i, 1))]);
        }
    }

    [Fact]
    public void What_is_stopped_goes_on_after_the_last_whole_shard_and_ends_with_the_same_bytes()
    {
        foreach (var shard in (string[])["a.parquet", "b.parquet", "c.parquet"]) Write(shard, 12, (row, _) => row % 2);
        var undisturbed = Relabel(_shards.Scan());
        var files = ScoreFiles.ToDictionary(file => file, File.ReadAllBytes);
        foreach (var file in files.Keys) File.Delete(file);

        using var stop = new CancellationTokenSource();
        var stopped = new AiFeedback(_shards.Stores, Scores, _taste.Scorer, 0) { OnShard = shard => { if (shard.Done == 1) stop.Cancel(); } };
        Assert.ThrowsAny<OperationCanceledException>(() => stopped.Relabel(_shards.Scan(), stop.Token));
        Assert.Single(ScoreFiles);
        var (manifest, facts) = Relabel(_shards.Scan());
        Assert.Equal((1, 2), (facts.ShardsReused, facts.ShardsScored));
        Assert.Equal(undisturbed.Manifest.Hash, manifest.Hash);
        Assert.All(files, file => Assert.Equal(file.Value, File.ReadAllBytes(file.Key)));
    }

    [Fact]
    public void Workers_that_share_the_shards_make_the_same_scores_as_one()
    {
        // images and prompts of one shard stand in the others too
        foreach (var shard in (string[])["a.parquet", "b.parquet", "c.parquet"])
            _shards.Write(shard, 8, change: (row, _) => _taste.Row((row + shard[0]) % 11, (_, margin) => margin > 0 ? 1 : 0));
        var one = Relabel(_shards.Scan());
        var files = ScoreFiles.ToDictionary(file => file, File.ReadAllBytes);
        foreach (var file in files.Keys) File.Delete(file);
        foreach (var worker in (int[])[1, 0])
            new AiFeedback(_shards.Stores, Scores, _taste.Scorer, 0).Score(_shards.Scan(), shard => shard % 2 == worker, TestContext.Current.CancellationToken);
        Assert.All(files, file => Assert.Equal(file.Value, File.ReadAllBytes(file.Key)));
        var (manifest, facts) = Relabel(_shards.Scan().OfAllRows());
        Assert.Equal((one.Manifest.Hash, 3, 0, 1.0), (manifest.Hash, facts.ShardsReused, facts.ImagesEmbedded, facts.Agreement));
    }

    [Fact]
    public void Damaged_scores_and_those_of_another_version_of_a_shard_are_computed_again()
    {
        Write("a.parquet", 8, (row, _) => row % 2);
        var first = Relabel(_shards.Scan());
        var (file, sound) = (Assert.Single(ScoreFiles), File.ReadAllText(ScoreFiles[0]));
        string[] damages = ["", "{", "null", "{}", sound[..^20], sound.Replace("\"version\":1", "\"version\":2", StringComparison.Ordinal), sound.Replace("\"human\":\"", "\"human\":\"1", StringComparison.Ordinal)];
        foreach (var damaged in damages)
        {
            File.WriteAllText(file, damaged);
            var (manifest, facts) = Relabel(_shards.Scan());
            Assert.Equal((1, first.Manifest.Hash), (facts.ShardsScored, manifest.Hash));
            Assert.Equal(sound, File.ReadAllText(file));
        }

        Write("a.parquet", 8, (row, _) => (row + 1) % 2);
        Assert.Equal(1, Relabel(_shards.Scan()).Facts.ShardsScored);
    }

    [Fact]
    public void Each_scorer_keeps_its_own_scores()
    {
        Write("a.parquet", 4, (row, _) => row % 2);
        Relabel(_shards.Scan());
        using var other = TasteOfAScorer.Load(ScorerType.HpsV2);
        var (_, facts) = Relabel(_shards.Scan(), by: other);
        Assert.Equal(1, facts.ShardsScored);
        Assert.Equal(2, ScoreFiles.Length);
        Assert.NotEqual(_taste.Scorer.Identity, other.Identity);
    }

    [Fact]
    public void Rows_without_images_or_prompt_are_bad_and_named_and_the_others_are_scored()
    {
        _shards.Write("a.parquet", 8, change: (row, _) => row switch
        {
            1 => Row(row) with { Image0 = null },
            2 => Row(row) with { Image1 = [1, 2, 3] },
            3 => Row(row) with { Caption = null },
            4 => Row(row) with { Label1 = 1 },
            _ => Row(row),
        });
        var (manifest, facts) = Relabel(_shards.Scan());
        Assert.Equal((4, 4), (manifest.Pairs, facts.BadRows));
        Assert.Equal([1, 2, 3, 4], manifest.BadRows.Select(bad => bad.Row));
        Assert.Equal(["jpg_0: no image", "jpg_1: neither JPEG nor PNG nor WebP", "no caption"], manifest.BadRows.Take(3).Select(bad => bad.Reason));

        DiffusionDpo.Data.PickAPic.PickAPicRecord Row(int row) => _taste.Row(row, (_, _) => 1);
    }

    [Theory]
    [InlineData(DataFormat.PickAPic)]
    [InlineData(DataFormat.WebDataset)]
    [InlineData(DataFormat.JsonLines)]
    public void Shards_of_any_format_are_relabelled_row_by_row(DataFormat format)
    {
        const int Rows = 9;
        _ = format switch
        {
            DataFormat.PickAPic => _shards.Write("x.parquet", Rows),
            DataFormat.WebDataset => _shards.WriteTar("x.tar", Enumerable.Range(0, Rows).SelectMany(row => ShardDirectory.Members("x", row))),
            _ => _shards.WriteLines("x.jsonl", Rows, Enumerable.Range(0, Rows).Select(row => ShardDirectory.Line("x.jsonl", row))),
        };
        var human = PairManifest.ScanRows(_shards.Stores, _shards.SourcesOf(format), BadShards.Fail, TestContext.Current.CancellationToken);
        var (manifest, facts) = Relabel(human);
        Assert.Equal((Rows, Rows, 0), (facts.Rows, facts.Pairs, facts.BadRows));
        foreach (var pair in manifest.Shards[0].Groups.SelectMany(group => group.Pairs))
        {
            var record = ShardDirectory.Record(format switch { DataFormat.PickAPic => "x.parquet", DataFormat.WebDataset => "x", _ => "x.jsonl" }, pair.Row);
            Assert.Equal(_taste.Score(record.Image0!, record.Caption!) > _taste.Score(record.Image1!, record.Caption!), pair.FirstWins);
        }
    }

    [Fact]
    public void What_is_kept_gives_the_same_manifest_without_a_scorer_and_nothing_where_something_is_missing()
    {
        foreach (var shard in (string[])["a.parquet", "b.parquet"]) Write(shard, 6, (row, _) => row % 2);
        var human = _shards.Scan();
        Assert.Null(AiFeedback.FindRelabelled(_shards.Stores, Scores, _taste.Scorer.Identity, 0, human));
        var (manifest, _) = Relabel(human);
        Assert.Equal(manifest.Hash, AiFeedback.FindRelabelled(_shards.Stores, Scores, _taste.Scorer.Identity, 0, human)!.Hash);
        Assert.Equal(_taste.Scorer.Identity, Scorer.IdentityOf(TasteOfAScorer.Source()));
        File.Delete(ScoreFiles[0]);
        Assert.Null(AiFeedback.FindRelabelled(_shards.Stores, Scores, _taste.Scorer.Identity, 0, human));
    }

    [Fact]
    public void What_is_trained_on_are_the_scorers_pairs()
    {
        Write("a.parquet", 9, (_, margin) => margin > 0 ? 0 : 1);
        var (manifest, _) = Relabel(_shards.Scan());
        var settings = new PairLoaderSettings { Data = new DataOptions { Sources = _shards.Sources, Resolution = 16, Crop = CropMode.Center, Flip = FlipMode.None, EmptyPromptProportion = 0 }, Seed = 3 };
        using var loader = PairLoader.Training(manifest, _shards.Stores, settings);
        for (var i = 0; i < 9; i++)
        {
            var pair = loader.Next(TestContext.Current.CancellationToken);
            var record = _taste.Row(pair.Pair, (_, _) => 1);
            var preferred = _taste.Margin(pair.Pair, record) > 0 ? record.Image0! : record.Image1!;
            Assert.Equal(ImageDecoder.Decode(preferred).Width, pair.WinnerSizes.OriginalWidth);
        }
    }

    private (PairManifest Manifest, FeedbackFacts Facts) Relabel(PairManifest human, double threshold = 0, Scorer? by = null) =>
        new AiFeedback(_shards.Stores, Scores, by ?? _taste.Scorer, threshold).Relabel(human, TestContext.Current.CancellationToken);

    private void Write(string name, int rows, Func<int, double, double> label, int rowsPerGroup = 10) =>
        _shards.Write(name, rows, rowsPerGroup, (row, _) => _taste.Row(row, label));
}
