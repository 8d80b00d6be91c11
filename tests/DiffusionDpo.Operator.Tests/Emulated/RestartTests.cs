using DiffusionDpo.Api.FineTunes;
using KubeApi.Cluster.Kubelets;

namespace DiffusionDpo.Operator.Tests.Emulated;

/// <summary>The operator is killed between any two of its calls and another takes over: the run comes to the same end.</summary>
public sealed class RestartTests
{
    [Fact]
    public async Task Killed_before_and_after_every_write_the_outcome_is_the_same()
    {
        var (outcome, writes, _) = await RunAsync(killAt: null, after: false);
        Assert.Equal(["StorageError", "Succeeded", "Succeeded"], outcome);
        Assert.InRange(writes, 15, 80);
        // Each write, before and after, in the long run (DDPO_LONG=1); a few of them in the ordinary one.
        var isLong = Environment.GetEnvironmentVariable("DDPO_LONG") == "1";
        var kills = 0;
        for (var write = 0; write < writes; write += isLong ? 1 : 12)
        {
            foreach (var after in isLong ? [true, false] : (bool[])[write % 2 == 0])
            {
                var run = await RunAsync(write, after);
                Assert.Equal(outcome, run.Outcome);
                if (run.IsKilled) kills++;
            }
        }

        // Which watch events fall together is different each time, and with them the number of writes.
        Assert.InRange(kills, 1, int.MaxValue);
        TestContext.Current.TestOutputHelper?.WriteLine($"{kills} kills at {writes} writes");
    }

    private static async Task<(IReadOnlyList<string?> Outcome, int Writes, bool IsKilled)> RunAsync(int? killAt, bool after)
    {
        await using var cluster = await EmulatedCluster.StartAsync();
        cluster.Runtime.Script = pod => pod.Key.Name.Contains("-a1-", StringComparison.Ordinal) ? PodScript.Exits(74, TimeSpan.FromMinutes(1)) : PodScript.Exits(0, TimeSpan.FromMinutes(2));
        var first = cluster.StartOperator();
        var isKilled = false;
        if (killAt is { } write)
        {
            first.Link.AtWrite(write, after, () =>
            {
                first.Kill();
                isKilled = true;
            });
        }

        await cluster.ApplyAsync(EmulatedCluster.FirstYaml + "\n  ttlSecondsAfterFinished: 60");
        await cluster.UntilAsync(() => isKilled || IsOver(cluster), TimeSpan.FromMinutes(30));
        if (isKilled) cluster.StartOperator();
        await cluster.UntilAsync(() => IsOver(cluster), TimeSpan.FromMinutes(30));
        return ([.. cluster.FineTune("first").Status.Attempts.Select(a => a.Class)], first.Link.Writes, isKilled);
    }

    /// <summary>Complete, and cleaned up after its time to live.</summary>
    private static bool IsOver(EmulatedCluster cluster) =>
        cluster.FineTune("first").Status?.Phase is FineTunePhase.Complete && cluster.Server.Store.List("jobs.batch").Objects.Count == 0;
}
