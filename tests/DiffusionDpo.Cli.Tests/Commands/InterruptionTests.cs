using DiffusionDpo.Api.Failures;
using DiffusionDpo.Cli.Tests.Processes;
using Xunit;

namespace DiffusionDpo.Cli.Tests.Commands;

public sealed class InterruptionTests : IDisposable
{
    private readonly Workspace workspace = new();

    public void Dispose() => workspace.Dispose();

    [Fact]
    public void Stopped_or_killed_and_run_again_equals_uninterrupted_bit_for_bit()
    {
        workspace.Ddpo("run", "finetune.yaml").Expect(ExitClass.Succeeded);
        IReadOnlyDictionary<string, string> straight = workspace.Results();
        foreach ((int signal, int step) in ((int, int)[])[(DdpoProcess.Terminate, 1), (DdpoProcess.Interrupt, 3), (DdpoProcess.Kill, 1), (DdpoProcess.Kill, 2), (DdpoProcess.Kill, 5)])
        {
            Directory.Delete(workspace.Run, recursive: true);
            Interrupt(signal, step);
            Outcome resumed = workspace.Ddpo("run", "finetune.yaml", "--json").Expect(ExitClass.Succeeded);
            Assert.True(straight.SequenceEqual(workspace.Results()), $"signal {signal} after step {step} changed the result");
            if (signal != DdpoProcess.Kill) Assert.True((int)resumed.Events.First(each => (string?)each["event"] == "train")["step"]! >= step);
            Assert.Empty(workspace.Leftovers);
        }
    }

    [Fact]
    public void A_second_interrupt_ends_the_process_at_once()
    {
        workspace.Edit("globalBatch: 4", "globalBatch: 256");
        workspace.Edit("microBatch: 2", "microBatch: 256"); // a step of seconds, which only its end would interrupt
        using DdpoProcess process = workspace.Start("run", "finetune.yaml", "--json");
        process.WaitForEvent("held-out");
        process.Send(DdpoProcess.Interrupt);
        process.WaitForEvent("stop");
        process.Send(DdpoProcess.Interrupt);
        Assert.Equal(130, process.End().ExitCode);
    }

    private void Interrupt(int signal, int step)
    {
        using DdpoProcess process = workspace.Start("run", "finetune.yaml", "--json");
        process.WaitForStep(step);
        process.Send(signal);
        Outcome outcome = process.End();
        if (signal == DdpoProcess.Kill)
        {
            Assert.Equal(128 + DdpoProcess.Kill, outcome.ExitCode);
            return;
        }

        outcome.ExpectOneLine(ExitClass.PreemptedSaved, "stopped: ", "is saved", "start the same run again");
        Assert.Contains(outcome.Events, each => (string?)each["event"] == "stop");
        Assert.Equal(("stopped", "PreemptedSaved", 86), ((string?)outcome.Events[^1]["event"], (string?)outcome.Events[^1]["class"], (int?)outcome.Events[^1]["code"]));
    }
}
