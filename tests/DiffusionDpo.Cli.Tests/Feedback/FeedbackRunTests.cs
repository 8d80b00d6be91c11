using System.Globalization;
using System.Text.Json.Nodes;
using DiffusionDpo.Cli.Tests.Processes;
using DiffusionDpo.Cli.Tests.Scenarios;
using DiffusionDpo.Shared;
using Xunit;

namespace DiffusionDpo.Cli.Tests.Feedback;

/// <summary>Whole runs with labels by a scorer.</summary>
public sealed class FeedbackRunTests : IDisposable
{
    private const int Rows = 12;
    private const string ByScorer = "labels: aiFeedback, feedback: { scorer: pickScore, model: MODEL }";

    private readonly Workspace _work = new();

    public FeedbackRunTests()
    {
        TinyData.Write(_work.In("data", "a.parquet"), Rows, change: record => record with { Label0 = 0.5 });
        TinyData.Write(_work.In("held-out", "a.parquet"), 4, firstRow: 20);
    }

    public void Dispose() => _work.Dispose();

    [Fact]
    public void Data_without_any_preference_is_trained_on_by_the_scorers_as_if_people_had_had_them()
    {
        Outcome outcome = DdpoProcess.Run("run", Write(ByScorer).File, "--json").Ended(0);
        JsonObject labelled = Assert.Single(outcome.EventsOf("feedback"));
        Assert.Equal(("pickScore", Rows, Rows, Rows), ((string)labelled["scorer"]!, (int)labelled["rows"]!, (int)labelled["pairs"]!, (int)labelled["pairsAdded"]!));
        Assert.Null(labelled["agreement"]);
        Assert.Equal(Rows, (int)Assert.Single(outcome.EventsOf("train"))["pairs"]!);
        Assert.False((bool)Assert.Single(outcome.EventsOf("scored"))["reused"]!);

        Assert.All((string[])["report.html", "model/README.md"], page => Assert.Contains("by pickScore", File.ReadAllText(_work.In("run", page)), StringComparison.Ordinal));

        bool[] firstWins = [.. Scores("run").Select(each => each.First > each.Second)];
        int row = 0;
        TinyData.Write(_work.In("data", "a.parquet"), Rows, change: record => record with { Label0 = firstWins[row++] ? 1 : 0 });
        DdpoProcess.Run("run", Write("labels: human", "again").File).Ended(0);
        Assert.Equal(File.ReadAllBytes(_work.UNet), File.ReadAllBytes(_work.In("again", "model", "unet", "diffusion_pytorch_model.safetensors")));
    }

    [Fact]
    public void A_killed_run_finds_its_scores_again_and_ends_as_if_it_had_not_been_killed()
    {
        DdpoProcess.Run("run", Write(ByScorer, "whole").File).Ended(0);
        using (DdpoProcess process = DdpoProcess.Start("run", Write(ByScorer).File, "--json"))
        {
            process.WaitForStep(3);
            process.Send(DdpoProcess.Kill);
            process.WaitForExit().Ended(128 + DdpoProcess.Kill);
        }

        DdpoProcess.Run("run", _work.File, "--dry-run").Ended(0);
        Outcome resumed = DdpoProcess.Run("run", _work.File, "--json").Ended(0);
        Assert.True((bool)Assert.Single(resumed.EventsOf("scored"))["reused"]!);
        Assert.Equal(0, (int)Assert.Single(resumed.EventsOf("feedback"))["scoresComputed"]!);
        Assert.True((int)Assert.Single(resumed.EventsOf("train"))["step"]! > 0);
        Assert.Equal(File.ReadAllBytes(_work.In("whole", "model", "unet", "diffusion_pytorch_model.safetensors")), File.ReadAllBytes(_work.UNet));
    }

    [Fact]
    public void What_was_prepared_of_all_rows_serves_the_scorers_labels_to_the_bit_and_every_threshold()
    {
        const string Prepared = $"{ByScorer}, cacheUri: CACHE";
        DdpoProcess.Run("run", Write(ByScorer, "live").File).Ended(0);
        using (DdpoProcess second = DdpoProcess.Start("prepare", Write(Prepared).File, "--worker", "1", "--workers", "2"))
        {
            DdpoProcess.Run("prepare", _work.File, "--worker", "0", "--workers", "2").Ended(0);
            second.WaitForExit().Ended(0);
        }

        Outcome run = DdpoProcess.Run("run", _work.File, "--json").Ended(0);
        Assert.Equal([true, true], run.EventsOf("scored").Select(scored => (bool)scored["reused"]!)); // by the stages Prepare and Train
        Assert.Equal(File.ReadAllBytes(_work.In("live", "model", "unet", "diffusion_pytorch_model.safetensors")), File.ReadAllBytes(_work.UNet));

        double middle = Scores("run").Select(each => Math.Abs(each.First - each.Second)).Order().ElementAt((Rows / 2) - 1);
        string apart = string.Create(CultureInfo.InvariantCulture, $"MODEL, tieThreshold: {middle:F17}");
        Outcome other = DdpoProcess.Run("run", Write(Prepared.Replace("MODEL", apart, StringComparison.Ordinal), "other").File, "--json").Ended(0);
        Assert.Equal(Rows / 2, (int)Assert.Single(other.EventsOf("train"))["pairs"]!);
    }

    public static TheoryData<int, string, string> Mistakes => new()
    {
        { 78, "spec.data.feedback.scorer: 'beauty' is not known — use one of clipScore, pickScore, hpsV2, aesthetic", "labels: aiFeedback, feedback: { scorer: beauty, model: MODEL }" },
        { 78, "spec.data.feedback.model: belongs to data.labels aiFeedback, which needs it", "labels: aiFeedback" },
        { 78, "spec.data.feedback.head: is needed by the scorer aesthetic", "labels: aiFeedback, feedback: { scorer: aesthetic, model: MODEL }" },
        { 66, "nowhere is not a directory; a CLIP model in transformers' layout is needed there", "labels: aiFeedback, feedback: { scorer: clipScore, model: nowhere }" },
        { 78, "is an image generator in diffusers layout", "labels: aiFeedback, feedback: { scorer: clipScore, model: SD }" },
        { 78, "have 28; the published heads belong to CLIP ViT-L/14", "labels: aiFeedback, feedback: { scorer: aesthetic, model: OTHER, head: HEAD }" },
        { 65, "12 ties (data.feedback.tieThreshold 900)", "labels: aiFeedback, feedback: { scorer: pickScore, model: MODEL, tieThreshold: 900 }" },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void Mistakes_get_one_line_and_nothing_is_trained(int exitCode, string expected, string labels)
    {
        Outcome outcome = DdpoProcess.Run("run", Write(labels).File).Ended(exitCode);
        Assert.Contains(expected, outcome.OneError(), StringComparison.Ordinal);
        Assert.False(Directory.Exists(_work.In("run", "checkpoints")));
        Assert.False(File.Exists(_work.In("run", "run.json")));
    }

    [Fact]
    public void A_dry_run_looks_at_the_scorer_and_scores_nothing()
    {
        Outcome sound = DdpoProcess.Run("run", Write(ByScorer).File, "--dry-run").Ended(0);
        Assert.False(Directory.Exists(_work.Run));
        Assert.NotEmpty(sound.Output);
        Assert.Contains("nowhere is not a directory", DdpoProcess.Run("run", Write("labels: aiFeedback, feedback: { scorer: clipScore, model: nowhere }").File, "--dry-run").Ended(66).ToString(), StringComparison.Ordinal);
    }

    private (double First, double Second)[] Scores(string run)
    {
        string file = Assert.Single(Directory.GetFiles(_work.In(run, "scores"), "*.json", SearchOption.AllDirectories));
        return [.. JsonNode.Parse(File.ReadAllText(file))!["groups"]!.AsArray()
            .SelectMany(group => group!["score0"]!.AsArray().Zip(group["score1"]!.AsArray(), (first, second) => ((double)first!, (double)second!)))];
    }

    private Workspace Write(string labels, string output = "run")
    {
        TinyFineTune fineTune = new() { Data = _work.In("data"), HeldOut = _work.In("held-out"), Output = output, Steps = 6, Cache = labels.Contains("cacheUri", StringComparison.Ordinal) ? "latents" : "none" };
        string named = labels.Replace("MODEL", Goldens.Path("tiny-clip"), StringComparison.Ordinal).Replace("CACHE", _work.In("cache"), StringComparison.Ordinal).Replace("SD", Goldens.Path("tiny-sd15"), StringComparison.Ordinal)
            .Replace("OTHER", Goldens.Path("tiny-clip-h"), StringComparison.Ordinal).Replace("HEAD", Goldens.Path("scorer", "aesthetic", "model.safetensors"), StringComparison.Ordinal);
        string lines = named.Replace(", feedback:", "\n    feedback:", StringComparison.Ordinal).Replace(", cache", "\n    cache", StringComparison.Ordinal);
        return _work.Write(fineTune.ToYaml().Replace("    resolution: 64\n", $"    resolution: 64\n    {lines}\n", StringComparison.Ordinal));
    }
}
