using System.Text.Json.Nodes;
using DiffusionDpo.Api.FineTunes;
using DiffusionDpo.Api.Plans;
using DiffusionDpo.Cli.DryRuns;
using DiffusionDpo.Cli.Tests.BadInput;
using DiffusionDpo.Cli.Tests.Processes;
using DiffusionDpo.Cli.Tests.Scenarios;
using Xunit;

namespace DiffusionDpo.Cli.Tests.DryRuns;

public sealed class DryRunTests(UninterruptedRun uninterrupted)
{
    // What a run meets only once it has read images, trained or written.
    private static readonly string[] s_notSeenBefore = ["weights that are no numbers", "images that are none", "output where nobody can write"];

    public static TheoryData<string> Mistakes => [.. BadInputs.All.Keys.Except(s_notSeenBefore)];

    [Fact]
    public void The_plan_is_what_the_file_says_and_nothing_is_touched()
    {
        using Workspace workspace = uninterrupted.Again();
        string[] files = Workspace.Snapshot(workspace.Path);
        JsonObject plan = Plan(workspace);
        Assert.Equal(files, Workspace.Snapshot(workspace.Path));
        Assert.True((bool)plan["canStart"]!);
        Assert.Equal("""["train","export"]""", plan["stages"]!.ToJsonString());
        Assert.Equal("""{"steps":9,"stepsLeft":9,"globalBatch":4,"microBatch":2,"accumulation":2,"world":1,"epochs":1.8}""", plan["schedule"]!.ToJsonString());
        Assert.Equal("""{"shards":2,"rows":20,"pairs":20,"ties":0,"unlabelled":0,"bad":0}""", plan["data"]!.ToJsonString());
        Assert.Equal((6, "new", 1e-4), ((int)plan["heldOut"]!["pairs"]!, (string?)plan["output"]!["state"], (double)plan["options"]!["optimizer"]!["learningRate"]!));
        Assert.Equal("unknown until measured: add --measure, which loads the model and times a micro-batch", (string?)plan["time"]!["basis"]);
        Assert.Null(plan["time"]!["totalSeconds"]);
    }

    /// <summary>Parameters and sizes come from headers; a real run wrote the files that they are compared with.</summary>
    [Fact]
    public void Parameters_and_sizes_are_those_of_the_files_that_a_run_writes()
    {
        using Workspace workspace = uninterrupted.Again();
        JsonObject plan = Plan(workspace);
        Assert.Equal(443_604, (int)plan["model"]!["trained"]!);
        JsonNode disk = plan["disk"]!;
        string[] checkpoints = Directory.GetDirectories(Path.Combine(uninterrupted.Run, "checkpoints"));
        Assert.Equal((checkpoints.Length, 5), ((int)disk["kept"]!, (int)disk["checkpoints"]!));
        Assert.InRange(Size(checkpoints[0]) / (double)disk["checkpointBytes"]!, 1, 1.05); // with names, manifest, run file
        Assert.InRange(Size(uninterrupted.Model) / (double)disk["modelBytes"]!, 1, 2); // the rest: the tokenizer's vocabulary
        Assert.True((long)disk["freeBytes"]! > (long)disk["neededBytes"]!);
    }

    [Fact]
    public void A_measured_step_gives_a_time_and_memory_that_the_estimate_is_close_to()
    {
        using Workspace workspace = uninterrupted.Again();
        JsonObject plan = Plan(workspace, "--measure");
        Assert.InRange((double)plan["time"]!["totalSeconds"]!, 9 * (double)plan["time"]!["secondsPerStep"]!, 10_000);
        Assert.StartsWith("one micro-batch, timed now", (string?)plan["time"]!["basis"], StringComparison.Ordinal);
        Assert.InRange((double)plan["memory"]!["total"]! / (double)plan["memory"]!["measuredPeak"]!, 0.6, 1.6);
        Assert.False(Directory.Exists(workspace.Run));
    }

    [Fact]
    public void A_run_that_was_interrupted_would_go_on_from_its_checkpoint_and_a_finished_one_has_nothing_to_do()
    {
        using Workspace workspace = uninterrupted.Again();
        using (DdpoProcess process = DdpoProcess.Start("run", workspace.File, "--json"))
        {
            process.WaitForStep(3);
            process.Send(DdpoProcess.Terminate);
            _ = process.WaitForExit().Ended(86);
        }

        string[] files = Workspace.Snapshot(workspace.Path);
        JsonObject plan = Plan(workspace);
        int step = (int)plan["output"]!["step"]!;
        Assert.Equal(("resumes", workspace.Checkpoint(step), 9 - step), ((string?)plan["output"]!["state"], (string?)plan["output"]!["checkpoint"], (int)plan["schedule"]!["stepsLeft"]!));
        Assert.StartsWith("the run's own last steps", (string?)plan["time"]!["basis"], StringComparison.Ordinal);
        Assert.Equal(files, Workspace.Snapshot(workspace.Path));
        Assert.Contains($"(resumes at step {step} from {workspace.Checkpoint(step)})", Page(workspace, 0), StringComparison.Ordinal);

        Outcome finished = DdpoProcess.Run("run", uninterrupted.File, "--dry-run").Ended(0);
        Assert.Equal("This run is finished: nothing is left to do.", finished.Output[^1]);
    }

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void What_would_keep_a_run_from_starting_is_said_with_the_run_s_own_words_and_exit_code(string name)
    {
        BadInputCase bad = BadInputs.All[name];
        using Workspace workspace = new();
        workspace.Write(bad.Arrange(workspace, uninterrupted.FineTune));
        if (FineTuneYaml.ReadFile(workspace.File).FineTune is not { } fineTune) return; // the test of the file itself is below
        string[] files = Workspace.Snapshot(workspace.Path);
        PlanFacts plan = new DryRun(RunPlan.For(fineTune), new(), measures: false).Look(static () => { }, CancellationToken.None);
        Assert.Equal((false, bad.ExitCode), (plan.CanStart, plan.ExitCode));
        Assert.All(bad.Says, words => Assert.Contains(words.Replace("WORK", workspace.Path, StringComparison.Ordinal), plan.Problems[0].Message, StringComparison.Ordinal));
        Assert.Equal(files, Workspace.Snapshot(workspace.Path));
    }

    [Fact]
    public void A_file_that_is_no_fine_tune_is_one_object_as_well()
    {
        using Workspace workspace = new Workspace().Write(uninterrupted.FineTune.ToYaml().Replace("warmupSteps", "warmupStep", StringComparison.Ordinal));
        Outcome outcome = DdpoProcess.Run("run", workspace.File, "--dry-run", "--json").Ended(78);
        JsonObject plan = JsonNode.Parse(Assert.Single(outcome.Output))!.AsObject();
        Assert.Equal((false, 78), ((bool)plan["canStart"]!, (int)plan["exitCode"]!));
        Assert.Equal(outcome.OneError(), (string?)plan["problems"]![0]!["message"]);
    }

    [Fact]
    public void Problems_do_not_hide_each_other()
    {
        using Workspace workspace = new Workspace().Write(uninterrupted.FineTune with { Model = "nowhere", Data = "none" });
        Outcome outcome = DdpoProcess.Run("run", workspace.File, "--dry-run").Ended(66);
        Assert.Equal(2, outcome.Errors.Length);
        Assert.All(outcome.Errors, line => Assert.StartsWith("error: ", line, StringComparison.Ordinal));
        Assert.Equal("This run cannot start; it would exit 66.", outcome.Output[^1]);
        Assert.Contains(outcome.Output, line => line.Contains("6 pairs held out", StringComparison.Ordinal));
    }

    [Fact]
    public void A_directory_of_another_run_is_refused_as_a_run_would_be()
    {
        using Workspace workspace = new Workspace().Write(uninterrupted.FineTune with { LearningRate = "2.0e-4", Output = uninterrupted.Run });
        Assert.Equal(DdpoProcess.Run("run", workspace.File).Ended(78).OneError(), DdpoProcess.Run("run", workspace.File, "--dry-run").Ended(78).OneError());
    }

    [Fact]
    public void Memory_that_cannot_be_enough_is_a_refusal_with_a_remedy_and_a_warning_for_who_insists()
    {
        using Workspace workspace = new Workspace().Write(uninterrupted.FineTune.ToYaml().Replace("resolution: 64", "resolution: 4096", StringComparison.Ordinal).Replace("prefetchPairs: 128", "prefetchPairs: 65536", StringComparison.Ordinal));
        string refusal = DdpoProcess.Run("run", workspace.File, "--dry-run").Ended(78).OneError();
        Assert.StartsWith("error: memory: about ", refusal, StringComparison.Ordinal);
        Assert.Contains("data.prefetchPairs: 8", refusal, StringComparison.Ordinal);
        string warning = Assert.Single(DdpoProcess.Run("run", workspace.File, "--dry-run", "--ignore-memory-plan").Ended(0).Errors);
        Assert.StartsWith("warning: memory: about ", warning, StringComparison.Ordinal);
    }

    private static JsonObject Plan(Workspace workspace, params string[] more)
    {
        Outcome outcome = DdpoProcess.Run(["run", workspace.File, "--dry-run", "--json", .. more]).Ended(0);
        Assert.Empty(outcome.Errors);
        return JsonNode.Parse(Assert.Single(outcome.Output))!.AsObject();
    }

    // Wrapped lines in one.
    private static string Page(Workspace workspace, int exitCode) =>
        string.Join(' ', DdpoProcess.Run("run", workspace.File, "--dry-run").Ended(exitCode).Output.Select(line => line.Trim()));

    private static long Size(string directory) => Directory.GetFiles(directory, "*", SearchOption.AllDirectories).Sum(file => new FileInfo(file).Length);
}
