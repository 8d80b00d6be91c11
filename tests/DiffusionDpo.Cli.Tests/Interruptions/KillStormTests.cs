using DiffusionDpo.Cli.Tests.Processes;
using DiffusionDpo.Cli.Tests.Scenarios;
using DiffusionDpo.Training.Checkpoints;
using Xunit;

namespace DiffusionDpo.Cli.Tests.Interruptions;

/// <summary>
/// The invariant: whatever the moment of a kill, the run's directory holds the checkpoint before or the one after it, whole, and every checkpoint
/// that was announced; the next <c>ddpo run</c> goes on by itself; and in the end the weights, and the moments of the last checkpoint, are those
/// of the undisturbed run to the bit.
/// </summary>
public sealed class KillStormTests(UninterruptedRun uninterrupted)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private const int Seed = 20;
    private const int LeastKills = 20;
    private const int LeastInsideCheckpoints = 3;
    private static readonly int s_rounds = Environment.GetEnvironmentVariable("DDPO_LONG") == "1" ? 10 : 1;

    /// <summary>Moments in turn while steps are left. Those after a checkpoint let the run come a step further.</summary>
    private static KillMoment[] Early =>
    [
        KillMoment.Saving, KillMoment.Saved, KillMoment.Starting, KillMoment.Saved, KillMoment.Saving, KillMoment.Saved,
        KillMoment.Saving, KillMoment.Saved, KillMoment.Loading, KillMoment.Saved, KillMoment.Saving, KillMoment.Stepped, KillMoment.Saved, KillMoment.Saving,
    ];

    /// <summary>Moments in turn once the last step is saved.</summary>
    private static KillMoment[] Late => [KillMoment.Loading, KillMoment.Measuring, KillMoment.Exporting, KillMoment.Exporting, KillMoment.Drawing];

    [Fact]
    public void A_run_killed_twenty_times_ends_as_if_it_had_never_been()
    {
        for (int round = 0; round < s_rounds; round++) Storm(new Random(Seed + round));
    }

    private void Storm(Random random)
    {
        using Workspace workspace = new Workspace().Write(uninterrupted.FineTune with { CheckpointEvery = 1 });
        List<string> kills = [];
        int inside = 0, early = 0, late = 0;
        while (late < Late.Length)
        {
            KillMoment moment = Newest(workspace) < UninterruptedRun.Steps ? Early[early++ % Early.Length]
                : kills.Count < LeastKills - Late.Length ? KillMoment.Starting : Late[late++];
            string partial = Partial(workspace);
            Kill(workspace, moment, random);
            kills.Add(moment.Name);
            if (Partial(workspace) is { Length: > 0 } left && left != partial) inside++;
        }

        _ = DdpoProcess.Run("run", workspace.File, "--json").Ended(0);
        string told = $"{inside} of {kills.Count} inside checkpoints: {string.Join(", ", kills)}";
        TestContext.Current.TestOutputHelper?.WriteLine(told);
        Assert.True(kills.Count >= LeastKills, told);
        Assert.True(inside >= LeastInsideCheckpoints, told);
        uninterrupted.IsEqualTo(workspace);
        Assert.Empty(workspace.HalfWritten());
        Assert.Equal(TinyFineTune.CheckpointsKept, Directory.GetDirectories(workspace.In("run", "checkpoints")).Length);
    }

    /// <summary>Starts the run, kills it at a moment and looks at what it leaves.</summary>
    private static void Kill(Workspace workspace, KillMoment moment, Random random)
    {
        int before = Newest(workspace);
        using DdpoProcess process = DdpoProcess.Start("run", workspace.File, "--json");
        if (moment.IsComing(process, workspace, random)) process.Send(DdpoProcess.Kill);
        Outcome end = process.WaitForExit();
        Assert.True(end.ExitCode == 128 + DdpoProcess.Kill, $"not killed {moment.Name}\n{end}");
        int announced = Math.Max(before, end.EventsOf("checkpoint").Select(saved => (int)saved["step"]!).LastOrDefault());
        Assert.InRange(Newest(workspace), announced, announced + 1);
    }

    // What an unfinished checkpoint left: its name and when its last file was written; empty where there is none.
    private static string Partial(Workspace workspace)
    {
        DirectoryInfo checkpoints = new(workspace.In("run", "checkpoints"));
        DirectoryInfo? partial = checkpoints.Exists ? checkpoints.EnumerateDirectories(".step-*").SingleOrDefault() : null;
        return partial is null ? "" : $"{partial.Name} {partial.EnumerateFiles("*", SearchOption.AllDirectories).Select(file => file.LastWriteTimeUtc).Append(partial.LastWriteTimeUtc).Max():O}";
    }

    // Its files are compared with its manifest; one that is not whole is a failure of the test.
    private static int Newest(Workspace workspace) =>
        new CheckpointStore(workspace.In("run", "checkpoints"), TinyFineTune.CheckpointsKept, TimeProvider.System).FindLatest(stop: Stop)?.Manifest.Position.Step ?? 0;
}
