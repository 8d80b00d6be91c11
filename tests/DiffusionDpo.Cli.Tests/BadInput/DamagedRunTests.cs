using DiffusionDpo.Cli.Tests.Processes;
using DiffusionDpo.Cli.Tests.Scenarios;
using Xunit;

namespace DiffusionDpo.Cli.Tests.BadInput;

/// <summary>What may go wrong when a run is under way: what it has saved survives.</summary>
public sealed class DamagedRunTests(UninterruptedRun uninterrupted)
{
    [Fact]
    public void A_corrupt_checkpoint_is_named_and_passed_over_on_request()
    {
        using Workspace workspace = Stopped();
        string file = Path.Combine(workspace.Checkpoint(4), "optimizer.safetensors");
        byte[] bytes = File.ReadAllBytes(file);
        bytes[^1] ^= 1;
        File.WriteAllBytes(file, bytes);
        string[] files = Workspace.Snapshot(workspace.In("run", "checkpoints"));

        Outcome refused = DdpoProcess.Run("run", workspace.File, "--json").Ended(85);
        Assert.Contains($"{file} is corrupt: its content has changed; remove its checkpoint", refused.OneError(), StringComparison.Ordinal);
        Assert.Equal("CheckpointCorrupt", (string?)Assert.Single(refused.EventsOf("error"))["class"]);
        Assert.Equal(files, Workspace.Snapshot(workspace.In("run", "checkpoints")));

        _ = DdpoProcess.Run("run", workspace.File, "--previous-checkpoint").Ended(0);
        uninterrupted.IsEqualTo(workspace);
    }

    [Fact]
    public void A_full_disk_leaves_the_checkpoint_before_and_the_run_goes_on_once_there_is_space()
    {
        using Workspace workspace = Stopped();
        Directory.Delete(workspace.Checkpoint(4), recursive: true);
        string[] files = Workspace.Snapshot(workspace.In("run", "checkpoints"));

        // Files of at most 2,000 KiB: the weights of a checkpoint fit, its moments do not. Memory of the runtime is a file too, unless told.
        using DdpoProcess process = DdpoProcess.Start(
            "bash", ["-c", "trap '' XFSZ; ulimit -f 2000; exec \"$0\" \"$@\"", DdpoProcess.Executable, "run", workspace.File, "--json"], ("DOTNET_EnableWriteXorExecute", "0"));
        Outcome full = process.WaitForExit().Ended(74);
        Assert.Matches($@"^error: {workspace.Checkpoint(4)} cannot be written: .*; free space on that disk or choose another directory$", full.OneError());
        Assert.Equal(files, Workspace.Snapshot(workspace.In("run", "checkpoints")));
        Assert.Empty(workspace.HalfWritten());

        _ = DdpoProcess.Run("run", workspace.File).Ended(0);
        uninterrupted.IsEqualTo(workspace);
    }

    [Fact]
    public void Other_data_than_before_are_refused()
    {
        using Workspace workspace = new();
        TinyData.Write(workspace.In("data", "train.parquet"), 6);
        workspace.Write(uninterrupted.FineTune with { Data = workspace.In("data") });
        StopAfter(workspace, 2);
        TinyData.Write(workspace.In("data", "more.parquet"), 2);
        string refusal = DdpoProcess.Run("run", workspace.File).Ended(65).OneError();
        Assert.Contains("data.sources has changed since; restore it, or choose another output.uri", refusal, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("type: lora")]
    [InlineData("type: lora, rank: 8")]
    [InlineData("type: lora, targets: [to_q]")]
    public void Other_adapters_than_before_are_refused(string options)
    {
        using Workspace workspace = new();
        workspace.Copy(uninterrupted.Run, "run");
        string[] files = Workspace.Snapshot(workspace.Run);
        workspace.Write(uninterrupted.FineTune.ToYaml().Replace("  training:", $"  adapter: {{ {options} }}\n  training:", StringComparison.Ordinal));
        string refusal = DdpoProcess.Run("run", workspace.File).Ended(78).OneError();
        Assert.Contains($"output.uri: {workspace.Run} belongs to another run (tiny: adapter.", refusal, StringComparison.Ordinal);
        Assert.Equal(files, Workspace.Snapshot(workspace.Run));
    }

    [Fact]
    public void A_checkpoint_of_another_run_is_not_exported()
    {
        using Workspace workspace = new();
        workspace.Copy(Path.Combine(uninterrupted.Run, "checkpoints"), "shared");
        workspace.Write((uninterrupted.FineTune with { LearningRate = "2.0e-4" }).ToYaml().Replace("checkpoints: {", $"checkpoints: {{ uri: {workspace.In("shared")},", StringComparison.Ordinal));
        string refusal = DdpoProcess.Run("export", workspace.File).Ended(78).OneError();
        Assert.Contains("belongs to a run with other options; give this run its own checkpoints.uri", refusal, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(workspace.Run, "model")));
    }

    [Fact]
    public void A_run_that_diverges_keeps_what_it_saved_before()
    {
        using Workspace workspace = new();
        string model = workspace.Copy(uninterrupted.FineTune.Model, "model");
        workspace.Write(uninterrupted.FineTune with { Model = model, CheckpointEvery = 1 });
        StopAfter(workspace, 2);
        string[] files = Workspace.Snapshot(workspace.In("run", "checkpoints"));
        BadInputs.NotANumber(model, "text_encoder/model.safetensors"); // another unet would be found out before the first step

        Outcome outcome = DdpoProcess.Run("run", workspace.File, "--json").Ended(83);
        int next = 1 + (int)Assert.Single(outcome.EventsOf("train"))["step"]!;
        Assert.Matches($@"^error: step {next}: loss NaN, .* not finite; go on from the last checkpoint with a lower optimizer\.learningRate", outcome.OneError());
        Assert.Equal(files, Workspace.Snapshot(workspace.In("run", "checkpoints")));
        string report = File.ReadAllText(workspace.In("run", "report.html"));
        Assert.Contains($"<div class=\"verdict alarm\"><p>Failed after step {next - 1} of {UninterruptedRun.Steps}.</p><p>step {next}: loss NaN, ", report, StringComparison.Ordinal);
    }

    /// <summary>A run that was killed once it had saved steps 2 and 4.</summary>
    private Workspace Stopped()
    {
        Workspace workspace = uninterrupted.Again();
        StopAfter(workspace, 4);
        Assert.False(Directory.Exists(workspace.Checkpoint(UninterruptedRun.Steps)), "the run was over too soon for this test");
        return workspace;
    }

    private static void StopAfter(Workspace workspace, int step)
    {
        using DdpoProcess process = DdpoProcess.Start("run", workspace.File, "--json");
        _ = process.WaitForEvent("checkpoint", saved => (int)saved["step"]! == step);
        process.Send(DdpoProcess.Kill);
        _ = process.WaitForExit();
    }
}
