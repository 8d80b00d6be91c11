using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using DiffusionDpo.Cli.Tests.Processes;
using DiffusionDpo.Cli.Tests.Scenarios;
using DiffusionDpo.Models.Pipelines;
using DiffusionDpo.Shared;
using Xunit;

namespace DiffusionDpo.Cli.Tests.Commands;

public sealed class RunTests(UninterruptedRun uninterrupted)
{
    [Fact]
    public void Exported_model_is_a_whole_pipeline_that_loads()
    {
        string source = uninterrupted.FineTune.Model;
        Assert.Equal(["README.md", .. Files(source)], Files(uninterrupted.Model));
        Assert.All(
            Files(source).Where(file => !file.StartsWith("unet/diffusion", StringComparison.Ordinal)),
            file => Assert.Equal(File.ReadAllBytes(Path.Combine(source, file)), File.ReadAllBytes(Path.Combine(uninterrupted.Model, file))));
        using StableDiffusionPipeline pipeline = StableDiffusionPipeline.Load(uninterrupted.Model);
        Assert.Equal(64, pipeline.ImageSize);
    }

    [Fact]
    public void Trained_weights_are_not_the_base_models()
    {
        byte[] before = File.ReadAllBytes(Path.Combine(uninterrupted.FineTune.Model, "unet", "diffusion_pytorch_model.safetensors"));
        byte[] after = File.ReadAllBytes(Path.Combine(uninterrupted.Model, "unet", "diffusion_pytorch_model.safetensors"));
        Assert.NotEqual(before[^4096..], after[^4096..]);
    }

    [Fact]
    public void Json_lines_tell_the_run_in_order()
    {
        Outcome outcome = uninterrupted.Outcome;
        Assert.Empty(outcome.Errors);
        string[] two = ["step", "step", "checkpoint"];
        string[] names = [.. outcome.Events.Select(each => (string)each["event"]!)];
        Assert.Equal(
            ["run", "environment", "memory", "train", "held-out", .. two, .. two, .. two, .. two, "step", "checkpoint", "data", "held-out", "samples", "export"],
            names);
    }

    /// <summary>Others count on them: docs/metrics.md is where they stand.</summary>
    [Fact]
    public void Json_events_have_the_documented_fields() =>
        Assert.All(uninterrupted.Outcome.Events, each => Assert.Equal(["time", "event", .. Documented((string)each["event"]!)], each.Select(field => field.Key)));

    [Fact]
    public void Json_steps_hold_numbers_of_training()
    {
        JsonObject[] steps = uninterrupted.Outcome.EventsOf("step");
        Assert.Equal(Enumerable.Range(1, UninterruptedRun.Steps), steps.Select(step => (int)step["step"]!));
        Assert.Equal(Math.Log(2), (double)steps[0]["loss"]!, 5); // policy and reference are still the same
        Assert.All(steps, step => Assert.True(double.IsFinite((double)step["gradNorm"]!) && (double)step["pairsPerSecond"]! > 0));
        Assert.Equal(
            ["data", "encode", "policyForward", "reference", "backward", "optimizer"],
            steps[0]["phaseSeconds"]!.AsObject().Select(phase => phase.Key));
    }

    [Fact]
    public void A_run_says_what_it_learned_and_what_to_try_and_once_finished_changes_nothing()
    {
        using Workspace workspace = uninterrupted.Again();
        Outcome first = DdpoProcess.Run("run", workspace.File).Ended(0);
        Assert.Empty(first.Errors);
        string[] summary = first.Output[Array.IndexOf(first.Output, "")..];
        Assert.Contains(summary, line => line.StartsWith("  before  ", StringComparison.Ordinal) && line.Contains("95 % interval", StringComparison.Ordinal));
        Assert.Contains(summary, line => line.StartsWith("  after   ", StringComparison.Ordinal) && line.Contains("95 % interval", StringComparison.Ordinal));
        Assert.Contains(summary, line => line.StartsWith("Model: ", StringComparison.Ordinal) && line.EndsWith("run/model", StringComparison.Ordinal));
        Assert.Contains(summary, line => Regex.IsMatch(line, @"^Try next: \S*/ddpo sample \S+/model --prompt "));
        uninterrupted.IsEqualTo(workspace);

        string[] files = Workspace.Snapshot(workspace.Run);
        Outcome second = DdpoProcess.Run("run", workspace.File).Ended(0);
        Assert.Contains("nothing to do: tiny is finished", second.Output[0], StringComparison.Ordinal);
        Assert.Equal(summary, second.Output[1..]);
        Assert.Equal(files, Workspace.Snapshot(workspace.Run));

        JsonObject told = Assert.Single(DdpoProcess.Run("run", workspace.File, "--json").Ended(0).Events);
        Assert.Equal(("finished", workspace.Model), ((string?)told["event"], (string?)told["model"]));
    }

    [Fact]
    public void Log_of_events_is_kept_in_the_runs_directory()
    {
        string[] logged = File.ReadAllLines(Path.Combine(uninterrupted.Run, "events.jsonl"));
        Assert.Equal(uninterrupted.Outcome.Events.Select(Name), logged.Select(line => Name(JsonNode.Parse(line)!)));

        static string Name(JsonNode happened) => $"{happened["event"]} {happened["step"]}";
    }

    private static string[] Files(string directory) =>
        [.. Directory.GetFiles(directory, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(directory, file)).Order(StringComparer.Ordinal)];

    private static IEnumerable<string> Documented(string name) => File.ReadLines(Repository.Path("docs", "metrics.md"))
        .Single(line => line.StartsWith($"| `{name}` |", StringComparison.Ordinal)).Split('|')[2].Split('`').Where((_, i) => i % 2 == 1);
}
