using DiffusionDpo.Api.Failures;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Api.Plans;
using DiffusionDpo.Data.Preparation;
using DiffusionDpo.Shared;
using DiffusionDpo.Training.Runs;
using Xunit;

namespace DiffusionDpo.Training.Tests.Runs;

/// <summary>Prepare beside others: who prepares the same, who changes the sources, who brings what was missing.</summary>
public sealed class SharedPreparationTests : IDisposable
{
    private readonly RunDirectory directory = new();
    private readonly RunFile file;

    public SharedPreparationTests() => file = directory.File with { Data = directory.File.Data with { Cache = DataCache.Latents, Crop = CropMode.Center } };

    private string Shard => Path.Combine(directory.Root, "train.parquet");

    public void Dispose() => directory.Dispose();

    /// <summary>Two runs share data.cacheUri and begin at once: what one reads already, the other does not write again.</summary>
    [Fact]
    public void Who_comes_second_leaves_what_the_first_has_written()
    {
        (string Name, DateTime Time)[]? first = null;
        Prepare(file, happened =>
        {
            if (first is not null || happened is not PreparationProgress { Work: "encoding images and prompts" }) return;
            Prepare(file);
            first = Objects();
        });
        Assert.Contains(first!, each => each.Name.EndsWith("manifest.bin", StringComparison.Ordinal));
        Assert.Equal(first, Objects());
    }

    [Fact]
    public void A_worker_that_waits_finds_out_that_the_sources_have_changed()
    {
        RunFile two = WithShards();
        string message = Failure.Of(ExitClass.DataError, () => Prepare(two, happened =>
        {
            if (happened is PreparationWaiting) File.Copy(Shard, Path.Combine(directory.Root, "shards", "c.parquet"), overwrite: true);
        }, (1, 2)));
        Assert.Contains("have changed while they were prepared: shard 2 was none and is ", message);
    }

    [Fact]
    public void A_worker_does_not_end_well_with_sources_that_have_changed()
    {
        RunFile two = WithShards();
        string message = Failure.Of(ExitClass.DataError, () => Prepare(two, happened =>
        {
            if (happened is PreparationProgress { Work: "encoding images and prompts" } progress && progress.Done == progress.Total) File.Copy(Shard, Path.Combine(directory.Root, "shards", "c.parquet"), overwrite: true);
        }));
        Assert.Contains("have changed while they were prepared", message);
        Prepare(two); // and the next time it has all three
    }

    /// <summary>Sources are exchanged, preparing them ends between index and manifest, and they are put back: the old manifest would fit them again.</summary>
    [Fact]
    public void An_index_of_other_sources_never_stands_beside_the_manifest_of_these()
    {
        RunFile alone = file with { Data = file.Data with { HeldOut = [] } };
        Prepare(alone);
        string facts = Directory.GetFiles(file.Data.CacheUri!, "facts.json", SearchOption.AllDirectories).Single(), away = Shard + ".away";
        File.Move(Shard, away);
        File.Copy(Path.Combine(directory.Root, "held-out.parquet"), Shard);
        File.Delete(facts);
        Directory.CreateDirectory(Path.Combine(facts, "in the way"));
        Failure.Of(ExitClass.StorageError, () => Prepare(alone));
        Directory.Delete(facts, recursive: true);
        File.Move(away, Shard, overwrite: true);
        Failure.Of(ExitClass.InputMissing, () => TrainingRun.Execute(alone, new(), CancellationToken.None));
        Prepare(alone);
        TrainingRun.Execute(alone, new(), CancellationToken.None);
    }

    [Fact]
    public void An_image_that_comes_later_is_found_when_it_is_prepared_again()
    {
        RunFile lines = WithLines();
        string image = Path.Combine(directory.Root, "lines", "3.png"), away = Path.Combine(directory.Root, "away");
        File.Move(image, away);
        Assert.Contains("does not exist", Failure.Of(ExitClass.DataError, () => Prepare(lines)));
        Assert.Contains("one worker alone", Failure.Of(ExitClass.DataError, () => Prepare(lines with { Data = lines.Data with { HeldOut = [] } }, share: (0, 2))));
        File.Move(away, image);
        PreparationFacts? facts = null;
        Prepare(lines, happened => facts = (happened as PreparationDone)?.Facts ?? facts);
        Assert.Empty(facts!.BadRows);
    }

    private static void Prepare(RunFile file, Action<PreparationEvent>? onEvent = null, (int, int)? share = null) =>
        PreparationRun.Execute(file, file.Model.Source, scorer: null, share ?? (0, 1), new LeapingTime(), onEvent ?? (static _ => { }), CancellationToken.None);

    private (string Name, DateTime Time)[] Objects() =>
    [
        .. Directory.GetFiles(file.Data.CacheUri!, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(path => (path, File.GetLastWriteTimeUtc(path))),
    ];

    private RunFile WithShards()
    {
        string shards = Path.Combine(directory.Root, "shards");
        Directory.CreateDirectory(shards);
        foreach (string name in (string[])["a", "b"]) File.Copy(Shard, Path.Combine(shards, $"{name}.parquet"));
        return file with { Data = file.Data with { Sources = [new() { Uri = shards }] } };
    }

    private RunFile WithLines()
    {
        string lines = Path.Combine(directory.Root, "lines");
        Directory.CreateDirectory(lines);
        for (int i = 0; i < 4; i++) File.WriteAllBytes(Path.Combine(lines, $"{i}.png"), RunDirectory.Image(i));
        File.WriteAllLines(
            Path.Combine(lines, "pairs.jsonl"),
            Enumerable.Range(0, 2).Select(row => $$"""{"prompt": "a drawing of {{row}} things", "image0": "{{2 * row}}.png", "image1": "{{(2 * row) + 1}}.png", "preference": "image0"}"""));
        return file with { Data = file.Data with { Sources = [new() { Uri = lines, Format = DataFormat.JsonLines }] } };
    }
}
