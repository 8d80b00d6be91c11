using DiffusionDpo.Cli.Tests.Processes;
using DiffusionDpo.Cli.Tests.Scenarios;
using Xunit;

namespace DiffusionDpo.Cli.Tests.Commands;

public sealed class ValidateTests(UninterruptedRun uninterrupted)
{
    [Fact]
    public void A_valid_file_is_called_valid()
    {
        Outcome outcome = DdpoProcess.Run("validate", uninterrupted.File).Ended(0);
        Assert.Equal([$"{uninterrupted.File}: valid"], outcome.Output);
        Assert.Empty(outcome.Errors);
    }

    /// <summary>Valid for a cluster with GPUs; here it would be refused, and that is better known before.</summary>
    [Fact]
    public void What_this_machine_cannot_run_is_a_warning()
    {
        using Workspace workspace = new();
        workspace.Write(uninterrupted.FineTune.ToYaml().Replace("seed: 7", "seed: 7, device: cuda", StringComparison.Ordinal));
        Outcome outcome = DdpoProcess.Run("validate", workspace.File).Ended(0);
        Assert.Equal([$"{workspace.File}: valid"], outcome.Output);
        Assert.All(outcome.Errors, line => Assert.StartsWith($"warning: {workspace.File}: ", line, StringComparison.Ordinal));
        Assert.Contains(outcome.Errors, line => line.Contains("there is no CUDA GPU here", StringComparison.Ordinal));
    }

    [Fact]
    public void Every_problem_of_every_file_is_reported_at_once()
    {
        using Workspace workspace = uninterrupted.Again();
        string bad = workspace.In("bad.yaml");
        File.WriteAllText(bad, uninterrupted.FineTune.ToYaml()
            .Replace("globalBatch: 4", "globalBatchSize: 4", StringComparison.Ordinal)
            .Replace("steps: 9", "steps: -1", StringComparison.Ordinal)
            .Replace("learningRate: 1.0e-4", "learningRate: fast", StringComparison.Ordinal));
        Outcome outcome = DdpoProcess.Run("validate", "/nonexistent.yaml", bad, workspace.File).Ended(78);
        Assert.Equal([$"{workspace.File}: valid"], outcome.Output);
        Assert.Collection(
            outcome.Errors,
            line => Assert.Equal("error: /nonexistent.yaml: does not exist — check the path, or write one with ddpo init", line),
            line => Assert.Equal($"{bad}:14:22: spec.training.steps: -1 is too small — at least 1", line),
            line => Assert.Equal($"{bad}:14:26: spec.training.globalBatchSize: is not a known key — did you mean globalBatch?", line),
            line => Assert.Matches($@"^{bad}:15:30: spec\.optimizer\.learningRate: .*fast", line),
            line => Assert.StartsWith($"{bad}:15:49: spec.optimizer.warmupSteps: ", line, StringComparison.Ordinal));
    }

    [Fact]
    public void A_missing_file_alone_exits_as_missing() =>
        Assert.Contains("/nonexistent.yaml", DdpoProcess.Run("validate", uninterrupted.File, "/nonexistent.yaml").Ended(66).OneError(), StringComparison.Ordinal);

    [Fact]
    public void A_wrong_path_has_the_nearest_remedy()
    {
        using Workspace workspace = uninterrupted.Again();
        (string Path, string Says)[] mistakes =
        [
            (workspace.In("finetun.yaml"), $"does not exist — did you mean {workspace.File}?"),
            (workspace.Path, "is a directory — name the YAML file in it"),
            (workspace.In("elsewhere", "finetune.yaml"), $"does not exist, nor does {workspace.In("elsewhere")} — check the path"),
            (workspace.In("other.yaml"), "does not exist — check the path, or write one with ddpo init"),
        ];
        string[] errors = DdpoProcess.Run(["validate", .. mistakes.Select(mistake => mistake.Path)]).Ended(66).Errors;
        Assert.Equal(mistakes.Select(mistake => $"error: {mistake.Path}: {mistake.Says}"), errors);
    }
}
