using DiffusionDpo.Api.FineTunes;
using KubeApi.Cluster.Kubelets;

namespace DiffusionDpo.Operator.Tests.Emulated;

/// <summary>The operator is killed between any two of its calls and another takes over: the run comes to the same end.</summary>
public sealed class RestartTests
{
    [Fact]
    public async Task Killed_before_and_after_every_write_the_outcome_is_the_same()
    {
        var (outcome, writes) = await RunAsync(killAt: -1, after: false);
        Assert.Equal(["StorageError", "Succeeded", "Succeeded"], outcome);
        Assert.InRange(writes, 15, 80);
        // Each write, before and after, in the long run (DDPO_LONG=1); a few of them in the ordinary one.
        var isLong = Environment.GetEnvironmentVariable("DDPO_LONG") == "1";
        for (var write = 1; write < writes; write += isLong ? 1 : 9)
        {
            Assert.Equal(outcome, (await RunAsync(write, after: true)).Outcome);
            if (isLong) Assert.Equal(outcome, (await RunAsync(write, after: false)).Outcome);
        }
    }

    private static async Task<(IReadOnlyList<string?> Outcome, int Writes)> RunAsync(int killAt, bool after)
    {
        await using var cluster = await EmulatedCluster.StartAsync();
        cluster.Runtime.Script = pod => pod.Key.Name.Contains("-a1-", StringComparison.Ordinal) ? PodScript.Exits(74, TimeSpan.FromMinutes(1)) : PodScript.Exits(0, TimeSpan.FromMinutes(5));
        KillSwitch kill = new(killAt, after);
        await cluster.StartOperatorAsync(kill);
        await cluster.ApplyAsync(EmulatedCluster.FirstYaml + "\n  ttlSecondsAfterFinished: 60");
        await cluster.UntilAsync(() => kill.HasFired || IsOver(cluster), TimeSpan.FromMinutes(30));
        if (kill.HasFired) await cluster.StartOperatorAsync();
        await cluster.UntilAsync(() => IsOver(cluster), TimeSpan.FromMinutes(30));
        return ([.. cluster.FineTune("first").Status.Attempts.Select(a => a.Class)], kill.Writes);
    }

    /// <summary>Complete, and cleaned up after its time to live.</summary>
    private static bool IsOver(EmulatedCluster cluster) =>
        cluster.FineTune("first").Status?.Phase is FineTunePhase.Complete && cluster.Server.Store.List("jobs.batch").Objects.Count == 0;
}
