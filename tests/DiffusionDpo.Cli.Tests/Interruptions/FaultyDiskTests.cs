using DiffusionDpo.Api.Failures;
using DiffusionDpo.Cli.Tests.Processes;
using DiffusionDpo.Cli.Tests.Scenarios;
using DiffusionDpo.Training.Checkpoints;
using Xunit;

namespace DiffusionDpo.Cli.Tests.Interruptions;

/// <summary>
/// The invariant: whichever write, flush, rename or removal fails, or is the last before a kill, the run ends with one line that names the place and
/// the remedy, every directory with the name of a checkpoint and a manifest is whole, and the same command goes on and ends as if nothing had been.
/// </summary>
public sealed class FaultyDiskTests(UninterruptedRun uninterrupted)
{
    private const int KilledExitCode = 128 + DdpoProcess.Kill;

    private static readonly bool s_long = Environment.GetEnvironmentVariable("DDPO_LONG") == "1";

    /// <summary>Calls, what happens to them, and for which of them on each thread: n, or n+ for all from the n-th on.</summary>
    private static string[] InTraining => s_long ? [.. EveryFault()] :
    [
        "pwrite64:error=ENOSPC:when=5+", "rename:signal=SIGKILL:when=1", "fsync:error=EIO:when=2", "fsync:signal=SIGKILL:when=5", "rename:error=EROFS:when=4+",
        "mkdir:error=EROFS:when=1+", "unlink:error=EIO:when=1", "rmdir:signal=SIGKILL:when=2", "rmdir:error=EROFS:when=1+", "pwrite64:error=EDQUOT:when=1+",
    ];

    /// <summary>The same where nothing is left but the export, which has a thread of its own.</summary>
    private static string[] InExport => s_long ? [.. EveryFault()] : ["pwrite64:error=ENOSPC:when=5+", "fsync:error=EIO:when=9", "fsync:signal=SIGKILL:when=12", "rename:error=EROFS:when=2+"];

    [Fact]
    public void Whichever_call_of_the_training_fails_or_is_the_last_the_run_ends_as_if_nothing_had_been() => Sweep(InTraining, _ => { });

    [Fact]
    public void Whichever_call_of_the_export_fails_or_is_the_last_the_run_ends_as_if_nothing_had_been() => Sweep(InExport, workspace =>
    {
        using DdpoProcess process = DdpoProcess.Start("run", workspace.File, "--json");
        _ = process.WaitForEvent("checkpoint", saved => (int)saved["step"]! == UninterruptedRun.Steps);
        process.Send(DdpoProcess.Kill);
        _ = process.WaitForExit().Ended(KilledExitCode);
    });

    private void Sweep(string[] all, Action<Workspace> prepare)
    {
        Strace.Require();
        Queue<string> faults = new(all);
        List<(string Fault, int ExitCode)> ends = [];
        while (faults.Count > 0)
        {
            using Workspace workspace = new Workspace().Write(uninterrupted.FineTune with { CheckpointEvery = 1 });
            prepare(workspace);
            while (faults.TryDequeue(out string? fault))
            {
                int end = Run(workspace, fault);
                ends.Add((fault, end));
                if (end == 0) break;
            }

            _ = DdpoProcess.Run("run", workspace.File, "--json").Ended(0);
            uninterrupted.IsEqualTo(workspace);
            Assert.Empty(workspace.HalfWritten());
        }

        string told = string.Join(", ", ends);
        TestContext.Current.TestOutputHelper?.WriteLine(told);
        if (!s_long) Assert.All(ends, end => Assert.True(end.ExitCode != 0, told)); // a fault that was not met would prove nothing
    }

    [Fact]
    public void On_a_slow_disk_a_run_killed_inside_its_checkpoints_ends_as_if_it_had_not_been()
    {
        Strace.Require();
        const string Late = "fsync,mkdir,unlink,rmdir:delay_enter=20000";
        using Workspace workspace = new Workspace().Write(uninterrupted.FineTune);
        foreach (int rename in (int[])[3, 1]) // the first of a new run is of its run file, every second one after it of a report
        {
            using DdpoProcess killed = Strace.Start(["run", workspace.File, "--json"], Late, $"rename:signal=SIGKILL:when={rename}");
            _ = killed.WaitForExit().Ended(KilledExitCode);
            _ = Assert.Single(Directory.GetDirectories(workspace.In("run", "checkpoints"), ".step-*"));
        }

        using DdpoProcess slow = Strace.Start(["run", workspace.File, "--json"], Late);
        _ = slow.WaitForExit().Ended(0);
        uninterrupted.IsEqualTo(workspace);
        Assert.Empty(workspace.HalfWritten());
    }

    // Each call of a step with its checkpoint and report, and those of the export, as the n-th of its thread.
    private static IEnumerable<string> EveryFault() =>
        from n in Enumerable.Range(1, 30)
        from calls in (string[])["pwrite64", "fsync", "rename", "mkdir", "unlink", "rmdir", "copy_file_range,sendfile"]
        from what in (string[])["error=ENOSPC", "error=EIO", "error=EROFS", "signal=SIGKILL"]
        from onwards in (string[])["", "+"]
        where !(what[0] == 's' && onwards == "+")
        select $"{calls}:{what}:when={n}{onwards}";

    private static int Run(Workspace workspace, string fault)
    {
        using DdpoProcess process = Strace.Start(["run", workspace.File, "--json"], fault);
        Outcome outcome = process.WaitForExit();
        string told = $"{fault}\n{outcome}";
        if (outcome.ExitCode == (int)ExitClass.StorageError)
        {
            string error = outcome.OneError();
            Assert.True(error.Contains(workspace.Run, StringComparison.Ordinal) && error.Contains("; ", StringComparison.Ordinal), told);
        }
        else
        {
            Assert.True(outcome.ExitCode is 0 or KilledExitCode, told);
        }

        string checkpoints = workspace.In("run", "checkpoints");
        foreach (string named in Directory.Exists(checkpoints) ? Directory.GetDirectories(checkpoints, "step-*") : [])
            if (File.Exists(Path.Combine(named, CheckpointManifest.FileName))) Checkpoint.Open(named).Verify();
        return outcome.ExitCode;
    }
}
