using System.Text;
using System.Text.Json.Nodes;
using DiffusionDpo.Cli.Tests.Processes;
using DiffusionDpo.Cli.Tests.Scenarios;
using Xunit;

namespace DiffusionDpo.Cli.Tests.Commands;

public sealed class TrainTests(UninterruptedRun uninterrupted)
{
    private const int MostBytes = 4096; // what Kubernetes keeps

    [Fact]
    public void Both_stages_of_a_run_can_be_executed_from_its_run_file()
    {
        using Workspace workspace = new();
        string log = workspace.In("termination-log");
        _ = DdpoProcess.Run("train", "--run-file", RunFile(workspace), "--termination-log", log, "--json").Ended(0);
        IsLastWord(log, "Succeeded", 0, UninterruptedRun.Steps, workspace.Checkpoint(UninterruptedRun.Steps), "Train succeeded");

        string export = RunFile(workspace, file => file["stage"] = "export");
        _ = DdpoProcess.Run("train", "--run-file", export, "--termination-log", log).Ended(0);
        IsLastWord(log, "Succeeded", 0, null, null, "Export succeeded");
        uninterrupted.IsEqualTo(workspace);
    }

    [Fact]
    public void A_failure_is_the_last_word()
    {
        using Workspace workspace = new();
        string log = workspace.In("termination-log"), model = "/nonexistent/" + string.Concat(Enumerable.Repeat("🎨", 1000));
        Outcome outcome = DdpoProcess.Run("train", "--run-file", RunFile(workspace, file => file["model"]!["source"] = model), "--termination-log", log).Ended(66);
        Assert.Contains(model, outcome.OneError(), StringComparison.Ordinal);
        IsLastWord(log, "InputMissing", 66, null, null, "/nonexistent/");
        Assert.False(Directory.Exists(workspace.Run));
    }

    [Fact]
    public void A_stop_is_the_last_word_with_the_step_that_is_saved()
    {
        using Workspace workspace = new();
        string log = workspace.In("termination-log"), file = RunFile(workspace);
        using DdpoProcess process = DdpoProcess.Start(DdpoProcess.Executable, ["train", "--run-file", file, "--json"], ("DDPO_TERMINATION_LOG", log));
        process.WaitForStep(4);
        process.Send(DdpoProcess.Terminate);
        int last = (int)process.WaitForExit().Ended(86).EventsOf("step")[^1]["step"]!;
        IsLastWord(log, "PreemptedSaved", 86, last, workspace.Checkpoint(last), $"step {last} of {UninterruptedRun.Steps} is saved");
    }

    [Fact]
    public void Divergence_is_undone_by_going_back_before_a_step()
    {
        using Workspace workspace = new();
        string file = RunFile(workspace);
        _ = DdpoProcess.Run("train", "--run-file", file).Ended(0);
        Outcome again = DdpoProcess.Run("train", "--run-file", file, "--resume-before", $"{UninterruptedRun.Steps}", "--json").Ended(0);
        JsonNode train = again.EventsOf("train").Single();
        Assert.InRange((int)train["step"]!, 1, UninterruptedRun.Steps - 1);
        _ = DdpoProcess.Run("train", "--run-file", file, "--resume-before", "0").Ended(64);
    }

    [Fact]
    public void Several_processes_are_refused_before_they_touch_anything()
    {
        using Workspace workspace = new();
        string log = workspace.In("termination-log"), file = RunFile(workspace);
        using DdpoProcess process = DdpoProcess.Start(DdpoProcess.Executable, ["train", "--run-file", file], ("DDPO_TERMINATION_LOG", log), ("DDPO_WORKERS", "2"), ("DDPO_PROCESSES_PER_WORKER", "8"));
        Assert.Contains("spec.workers.count: 1", process.WaitForExit().Ended(78).OneError(), StringComparison.Ordinal);
        IsLastWord(log, "ConfigurationError", 78, null, null, "2 workers with 8 processes each");
        Assert.False(Directory.Exists(workspace.Run));
    }

    [Fact]
    public void A_termination_log_that_cannot_be_written_does_not_change_the_exit_code()
    {
        using Workspace workspace = new();
        Outcome outcome = DdpoProcess.Run("train", "--run-file", workspace.In("none.json"), "--termination-log", "/nonexistent/log").Ended(66);
        Assert.Equal(2, outcome.Errors.Length);
        Assert.StartsWith("warning: the termination message cannot be written to /nonexistent/log", outcome.Errors[0], StringComparison.Ordinal);
        Assert.StartsWith($"error: run file {workspace.In("none.json")} cannot be read", outcome.Errors[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{", "not JSON at line 1")]
    [InlineData("{}", "name")]
    public void An_unsound_run_file_is_refused(string content, string says)
    {
        using Workspace workspace = new();
        File.WriteAllText(workspace.In("run.json"), content);
        Assert.Contains(says, DdpoProcess.Run("train", "--run-file", workspace.In("run.json")).Ended(78).OneError(), StringComparison.Ordinal);
    }

    private static void IsLastWord(string log, string exitClass, int code, int? step, string? checkpoint, string says)
    {
        string text = File.ReadAllText(log);
        Assert.InRange(Encoding.UTF8.GetByteCount(text), 2, MostBytes);
        JsonNode word = JsonNode.Parse(text)!;
        Assert.Equal((exitClass, code, step, checkpoint), ((string?)word["class"], (int)word["code"]!, (int?)word["step"], (string?)word["checkpoint"]));
        Assert.Contains(says, (string)word["message"]!, StringComparison.Ordinal);
    }

    private string RunFile(Workspace workspace, Action<JsonNode>? change = null)
    {
        string text = File.ReadAllText(Path.Combine(uninterrupted.Run, "run.json"));
        JsonNode file = JsonNode.Parse(text.Replace(uninterrupted.Run, workspace.Run, StringComparison.Ordinal))!;
        change?.Invoke(file);
        string path = workspace.In("run.json");
        File.WriteAllText(path, file.ToJsonString());
        return path;
    }
}
