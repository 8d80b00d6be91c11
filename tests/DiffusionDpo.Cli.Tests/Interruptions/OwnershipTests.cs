using DiffusionDpo.Cli.Tests.Processes;
using DiffusionDpo.Cli.Tests.Scenarios;
using Xunit;

namespace DiffusionDpo.Cli.Tests.Interruptions;

public sealed class OwnershipTests(UninterruptedRun uninterrupted)
{
    [Fact]
    public void A_directory_in_which_a_process_works_is_refused_to_another()
    {
        using Workspace workspace = new Workspace().Write(uninterrupted.Endless);
        using DdpoProcess first = DdpoProcess.Start("run", workspace.File, "--json");
        first.WaitForStep(1);
        string refusal = DdpoProcess.Run("run", workspace.File).Ended(78).OneError();
        Assert.Equal(
            $"error: output.uri: another process works in {workspace.Run} (process {first.Id} on {Environment.MachineName}); wait for it, end it, or choose another directory", refusal);
        first.Send(DdpoProcess.Terminate);
        _ = first.WaitForExit().Ended(86);
    }

    /// <summary>Not even while a step is computed or a checkpoint is written; and a killed owner keeps nothing.</summary>
    [Fact]
    public void The_first_of_two_processes_is_not_disturbed_and_a_killed_one_leaves_no_lock()
    {
        using Workspace workspace = new Workspace().Write(uninterrupted.FineTune with { CheckpointEvery = 1 });
        using (DdpoProcess killed = DdpoProcess.Start("run", workspace.File, "--json"))
        {
            killed.WaitForStep(1);
            killed.Send(DdpoProcess.Kill);
            _ = killed.WaitForExit();
        }

        using DdpoProcess first = DdpoProcess.Start("run", workspace.File, "--json");
        _ = first.WaitForEvent("train");
        int refused = 0;
        while (!first.HasExited)
        {
            Outcome second = DdpoProcess.Run("run", workspace.File, "--json");
            if (second.ExitCode == 0)
            {
                // The first has let go and is about to end: nothing is left to be done.
                Assert.Equal("finished", (string?)Assert.Single(second.Events)["event"]);
                continue;
            }

            Assert.Contains($"(process {first.Id} on ", second.Ended(78).OneError(), StringComparison.Ordinal);
            refused++;
        }

        Assert.NotEqual(0, refused);
        _ = first.WaitForExit().Ended(0);
        uninterrupted.IsEqualTo(workspace);
    }

    [Fact]
    public void The_directory_of_another_run_is_refused_and_stays_as_it_is()
    {
        using Workspace workspace = new Workspace().Write(uninterrupted.FineTune with { LearningRate = "2.0e-4", Output = uninterrupted.Run });
        string[] files = Workspace.Snapshot(uninterrupted.Run);
        string refusal = DdpoProcess.Run("run", workspace.File).Ended(78).OneError();
        Assert.Contains($"{uninterrupted.Run} belongs to another run (tiny: ", refusal, StringComparison.Ordinal);
        Assert.Contains("choose another output.uri", refusal, StringComparison.Ordinal);
        Assert.Equal(files, Workspace.Snapshot(uninterrupted.Run));
    }

    [Fact]
    public void A_fine_tune_that_failed_before_its_first_step_can_be_corrected_and_run_in_the_same_directory()
    {
        using Workspace workspace = new Workspace().Write(uninterrupted.FineTune with { Model = "/nonexistent/model" });
        _ = DdpoProcess.Run("run", workspace.File).Ended(66);
        workspace.Write(uninterrupted.FineTune);
        _ = DdpoProcess.Run("run", workspace.File).Ended(0);
        uninterrupted.IsEqualTo(workspace);
    }
}
