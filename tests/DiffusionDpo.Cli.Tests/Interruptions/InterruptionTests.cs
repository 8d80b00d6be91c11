using System.Text.Json.Nodes;
using DiffusionDpo.Cli.Tests.Processes;
using DiffusionDpo.Cli.Tests.Scenarios;
using Xunit;

namespace DiffusionDpo.Cli.Tests.Interruptions;

public sealed class InterruptionTests(UninterruptedRun uninterrupted)
{
    private const int KilledExitCode = 128 + DdpoProcess.Kill;

    [Theory]
    [InlineData(DdpoProcess.Terminate, 3)]
    [InlineData(DdpoProcess.Interrupt, 4)]
    public void A_stopped_run_saves_its_last_step_and_ends_as_if_it_had_not_been_stopped(int signal, int step)
    {
        using Workspace workspace = uninterrupted.Again();
        Outcome stopped = Stop(workspace, signal, step);
        int last = (int)stopped.EventsOf("step")[^1]["step"]!;
        Assert.Equal($"stopped; step {last} of {UninterruptedRun.Steps} is saved; start the same run again to go on", stopped.OneError());
        Assert.True(File.Exists(Path.Combine(workspace.Checkpoint(last), "manifest.json")));
        Assert.Equal(86, (int)Assert.Single(stopped.EventsOf("stopped"))["code"]!);
        _ = Assert.Single(stopped.EventsOf("stop"));

        Outcome resumed = DdpoProcess.Run("run", workspace.File, "--json").Ended(0);
        JsonObject start = Assert.Single(resumed.EventsOf("train"));
        Assert.Equal((last, workspace.Checkpoint(last)), ((int)start["step"]!, (string?)start["resumedFrom"]));
        uninterrupted.IsEqualTo(workspace);
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(5, 4)]
    public void A_killed_run_goes_on_from_its_last_checkpoint_and_ends_as_if_it_had_not_been_killed(int step, int saved)
    {
        using Workspace workspace = uninterrupted.Again();
        Kill(workspace, step);
        Outcome resumed = DdpoProcess.Run("run", workspace.File, "--json").Ended(0);
        Assert.InRange((int)Assert.Single(resumed.EventsOf("train"))["step"]!, saved, UninterruptedRun.Steps);
        uninterrupted.IsEqualTo(workspace);
        Assert.Empty(workspace.HalfWritten());
    }

    [Fact]
    public void A_run_with_every_kind_of_interruption_ends_as_if_there_had_been_none()
    {
        using Workspace workspace = uninterrupted.Again();
        _ = Stop(workspace, DdpoProcess.Interrupt, 1);
        Kill(workspace, 3);
        _ = Stop(workspace, DdpoProcess.Terminate, 5);
        _ = DdpoProcess.Run("run", workspace.File, "--json").Ended(0);
        uninterrupted.IsEqualTo(workspace);
        Assert.All(File.ReadAllLines(Path.Combine(workspace.Run, "events.jsonl")), line => Assert.NotNull(JsonNode.Parse(line)!["event"]));
    }

    [Fact]
    public void Stopped_before_the_first_step_a_run_leaves_nothing()
    {
        using Workspace workspace = new Workspace().Write(uninterrupted.Endless with { MicroBatch = 64, GlobalBatch = 128 });
        using DdpoProcess process = DdpoProcess.Start("run", workspace.File, "--json");
        _ = process.WaitForEvent("train");
        process.Send(DdpoProcess.Terminate);
        Assert.Contains("before the first step", process.WaitForExit().Ended(86).OneError(), StringComparison.Ordinal);
        Assert.False(Directory.Exists(workspace.Run));
    }

    [Fact]
    public void A_second_interrupt_ends_the_process_at_once_and_loses_the_unsaved_step()
    {
        using Workspace workspace = new Workspace().Write(uninterrupted.Endless with { MicroBatch = 64, GlobalBatch = 64 });
        using DdpoProcess process = DdpoProcess.Start("run", workspace.File, "--json");
        process.WaitForStep(1);
        Thread.Sleep(200); // well into the next micro-batch, which takes seconds and cannot be interrupted
        process.Send(DdpoProcess.Interrupt);
        _ = process.WaitForEvent("stop");
        process.Send(DdpoProcess.Interrupt);
        _ = process.WaitForExit().Ended(130);
        Assert.False(Directory.Exists(workspace.Checkpoint(1)));
    }

    private static Outcome Stop(Workspace workspace, int signal, int step) => Signal(workspace, signal, step).Ended(86);

    private static void Kill(Workspace workspace, int step) => Signal(workspace, DdpoProcess.Kill, step).Ended(KilledExitCode);

    private static Outcome Signal(Workspace workspace, int signal, int step)
    {
        using DdpoProcess process = DdpoProcess.Start("run", workspace.File, "--json");
        process.WaitForStep(step);
        process.Send(signal);
        return process.WaitForExit();
    }
}
