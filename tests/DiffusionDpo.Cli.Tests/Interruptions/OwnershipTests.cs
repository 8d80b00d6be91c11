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
        Assert.Equal($"error: output.uri: another process works in {workspace.Run}; wait for it, or choose another directory", refusal);
        first.Send(DdpoProcess.Terminate);
        _ = first.WaitForExit().Ended(86);
    }

    [Fact]
    public void The_directory_of_another_run_is_refused_and_stays_as_it_is()
    {
        using Workspace workspace = new Workspace().Write(uninterrupted.FineTune with { LearningRate = "2.0e-4", Output = uninterrupted.Run });
        string[] files = Workspace.Snapshot(uninterrupted.Run);
        string refusal = DdpoProcess.Run("run", workspace.File).Ended(78).OneError();
        Assert.Contains($"{uninterrupted.Run} belongs to another run (tiny", refusal, StringComparison.Ordinal);
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
