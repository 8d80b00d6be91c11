using System.Text.Json.Nodes;
using DiffusionDpo.Api.Failures;
using DiffusionDpo.Cli.Tests.Processes;
using Xunit;

namespace DiffusionDpo.Cli.Tests.Commands;

/// <summary>One stage from a run file, as the operator's pods execute it: its last words are the termination message.</summary>
public sealed class TrainTests : IDisposable
{
    private readonly Workspace workspace = new();

    public void Dispose() => workspace.Dispose();

    [Fact]
    public void A_run_file_trains_as_the_fine_tune_does_and_its_end_is_written_down()
    {
        workspace.Ddpo("run", "finetune.yaml").Expect(ExitClass.Succeeded);
        IReadOnlyDictionary<string, string> straight = workspace.Results();
        File.Move(workspace.At("run", "run.json"), workspace.At("run.json"));
        Directory.Delete(workspace.Run, recursive: true);

        workspace.Ddpo("train", "--run-file", "run.json", "--termination-log", "end.json").Expect(ExitClass.Succeeded);
        JsonNode end = End();
        Assert.Equal(("Succeeded", 0, 0, Workspace.Steps), ((string?)end["class"], (int?)end["code"], (int?)end["rank"], (int?)end["step"]));
        Assert.EndsWith("step-00000006", (string?)end["checkpoint"]);

        Replace("\"stage\": \"train\"", "\"stage\": \"export\"");
        workspace.Ddpo("train", "--run-file", "run.json").Expect(ExitClass.Succeeded);
        Assert.True(straight.SequenceEqual(workspace.Results()));
    }

    [Fact]
    public void A_failure_is_written_down_where_the_environment_says()
    {
        MakeRunFile();
        File.Delete(workspace.At("train.parquet"));
        using DdpoProcess process = DdpoProcess.Start(workspace.Root, [("DDPO_TERMINATION_LOG", "end.json")], DdpoProcess.Program, ["train", "--run-file", "run.json"]);
        Outcome outcome = process.End();
        outcome.ExpectOneLine(ExitClass.InputMissing, "train.parquet");
        Assert.Equal(("InputMissing", 66), ((string?)End()["class"], (int?)End()["code"]));
        Assert.Equal(outcome.Errors[0], $"error: {End()["message"]}");
    }

    [Fact]
    public void A_stop_is_written_down_with_the_step_that_was_saved()
    {
        MakeRunFile();
        using DdpoProcess process = workspace.Start("train", "--run-file", "run.json", "--termination-log", "end.json", "--json");
        process.WaitForStep(1);
        process.Send(DdpoProcess.Terminate);
        process.End().Expect(ExitClass.PreemptedSaved);
        JsonNode end = End();
        Assert.Equal("PreemptedSaved", (string?)end["class"]);
        Assert.InRange((int)end["step"]!, 1, Workspace.Steps - 1);
        Assert.EndsWith($"step-{(int)end["step"]!:D8}", (string?)end["checkpoint"]);
    }

    [Fact]
    public void A_run_file_that_is_none_is_refused()
    {
        workspace.Write("run.json", "{}");
        workspace.Ddpo("train", "--run-file", "run.json").ExpectOneLine(ExitClass.ConfigurationError, "run file", "name: is required");
        workspace.Ddpo("train", "--run-file", "nowhere.json").ExpectOneLine(ExitClass.InputMissing, "nowhere.json");
    }

    private void MakeRunFile()
    {
        workspace.Edit("source: model", "source: nowhere");
        workspace.Ddpo("run", "finetune.yaml").Expect(ExitClass.InputMissing);
        File.Move(workspace.At("run", "run.json"), workspace.At("run.json"));
        Directory.Delete(workspace.Run, recursive: true);
        Replace("nowhere", "model");
    }

    private void Replace(string part, string by)
    {
        string text = File.ReadAllText(workspace.At("run.json"));
        Assert.Contains(part, text);
        workspace.Write("run.json", text.Replace(part, by, StringComparison.Ordinal));
    }

    private JsonNode End()
    {
        byte[] bytes = File.ReadAllBytes(workspace.At("end.json"));
        Assert.InRange(bytes.Length, 1, 4096);
        return JsonNode.Parse(bytes)!;
    }
}
