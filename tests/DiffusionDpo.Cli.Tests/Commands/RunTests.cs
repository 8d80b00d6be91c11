using System.Text.Json.Nodes;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Cli.Tests.Processes;
using DiffusionDpo.Models.Pipelines;
using Xunit;

namespace DiffusionDpo.Cli.Tests.Commands;

public sealed class RunTests : IDisposable
{
    private readonly Workspace workspace = new();

    public void Dispose() => workspace.Dispose();

    [Fact]
    public void Run_trains_exports_and_says_what_was_learned_and_what_to_try()
    {
        Outcome outcome = workspace.Ddpo("run", "finetune.yaml").Expect(ExitClass.Succeeded);
        Assert.Empty(outcome.Errors);
        Assert.Matches(@"step 6/6  loss \d", outcome.AllOutput);
        Assert.Matches(@"before +50\.0 % \(95 % interval 50\.0–50\.0 %\)", outcome.AllOutput);
        Assert.Matches(@"after +\d", outcome.AllOutput);
        Assert.Contains("ddpo sample run/model --prompt", outcome.Output[^1]);
        using StableDiffusionPipeline exported = StableDiffusionPipeline.Load(workspace.At("run", "model"));
        Assert.Equal(["step-00000004", "step-00000006"], Directory.GetDirectories(workspace.At("run", "checkpoints")).Select(Path.GetFileName).Order());
        Assert.Empty(workspace.Leftovers);
    }

    [Fact]
    public void Run_of_a_finished_run_trains_nothing_and_changes_no_result()
    {
        workspace.Ddpo("run", "finetune.yaml").Expect(ExitClass.Succeeded);
        (string[] model, string[] checkpoints) = (workspace.Snapshot("run/model"), workspace.Snapshot("run/checkpoints"));
        Outcome again = workspace.Ddpo("run", "finetune.yaml", "--json").Expect(ExitClass.Succeeded);
        Assert.DoesNotContain(again.Events, each => (string?)each["event"] == "step");
        Assert.Equal(model, workspace.Snapshot("run/model"));
        Assert.Equal(checkpoints, workspace.Snapshot("run/checkpoints"));
    }

    /// <summary>The events are a contract: docs/metrics.md lists them with their fields.</summary>
    [Fact]
    public void Json_output_is_one_event_per_line_with_the_documented_fields()
    {
        IReadOnlyList<JsonNode> events = workspace.Ddpo("run", "finetune.yaml", "--json").Expect(ExitClass.Succeeded).Events;
        Assert.Equal(
            ["run", "train", "held-out", "step", "step", "checkpoint", "step", "step", "checkpoint", "step", "step", "checkpoint", "held-out", "export"],
            events.Select(each => (string?)each["event"]));
        Assert.All(events, each => Assert.Equal(Documented((string)each["event"]!), each.AsObject().Select(field => field.Key)));
        Assert.Equal(events.Select(Timeless), File.ReadLines(workspace.At("run", "events.jsonl")).Select(line => Timeless(JsonNode.Parse(line)!)));
    }

    [Fact]
    public void A_second_process_on_a_run_is_refused_and_the_first_goes_on()
    {
        using DdpoProcess first = workspace.Start("run", "finetune.yaml", "--json");
        first.WaitForEvent("train");
        workspace.Ddpo("run", "finetune.yaml").ExpectOneLine(ExitClass.ConfigurationError, "output.uri", "another process", workspace.Run);
        first.End().Expect(ExitClass.Succeeded);
    }

    [Fact]
    public void A_directory_of_another_run_is_refused_and_left_as_it_is()
    {
        workspace.Ddpo("run", "finetune.yaml").Expect(ExitClass.Succeeded);
        string[] before = workspace.Snapshot("run");
        workspace.Edit("learningRate: 1.0e-4", "learningRate: 2.0e-4");
        workspace.Ddpo("run", "finetune.yaml").ExpectOneLine(ExitClass.ConfigurationError, "output.uri", workspace.Run, "another run", "choose another");
        Assert.Equal(before, workspace.Snapshot("run"));
    }

    /// <summary>A wrong path in the file makes a directory; the right one must not be refused as another run's.</summary>
    [Fact]
    public void A_directory_of_a_run_that_came_to_nothing_is_taken_over()
    {
        workspace.Edit("source: model", "source: modell");
        workspace.Ddpo("run", "finetune.yaml").Expect(ExitClass.InputMissing);
        workspace.Edit("source: modell", "source: model");
        workspace.Ddpo("run", "finetune.yaml").Expect(ExitClass.Succeeded);
        Assert.Single(File.ReadLines(workspace.At("run", "events.jsonl")), line => line.Contains("\"event\":\"run\"", StringComparison.Ordinal));
    }

    private static string Timeless(JsonNode line)
    {
        line.AsObject().Remove("time");
        return line.ToJsonString();
    }

    private static string[] Documented(string name) => ["time", "event", .. File.ReadLines(Shared.Repository.Path("docs", "metrics.md"))
        .Single(line => line.StartsWith($"| `{name}` |", StringComparison.Ordinal)).Split('|')[2].Split('`').Where((_, i) => i % 2 == 1)];
}
