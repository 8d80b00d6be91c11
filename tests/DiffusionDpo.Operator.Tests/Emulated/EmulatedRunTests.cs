using DiffusionDpo.Api.FineTunes;
using KubeApi.Cluster.Kubelets;

namespace DiffusionDpo.Operator.Tests.Emulated;

public sealed class EmulatedRunTests
{
    [Fact]
    public async Task A_fine_tune_that_is_applied_runs_to_its_end()
    {
        await using var cluster = await EmulatedCluster.StartAsync();
        cluster.Runtime.Script = _ => PodScript.Exits(0, TimeSpan.FromMinutes(5));
        cluster.StartOperator();
        await cluster.ApplyAsync(EmulatedCluster.FirstYaml);
        await cluster.UntilAsync(() => cluster.FineTune("first").Status?.Phase is FineTunePhase.Running, TimeSpan.FromSeconds(10));
        await cluster.UntilAsync(() => cluster.FineTune("first").Status?.Phase is FineTunePhase.Complete, TimeSpan.FromMinutes(15));
        Assert.Equal(["Succeeded", "Succeeded"], cluster.FineTune("first").Status.Attempts.Select(a => a.Class));
    }

    [Fact]
    public async Task A_failure_is_retried_and_the_run_goes_on()
    {
        await using var cluster = await EmulatedCluster.StartAsync();
        cluster.Runtime.Script = pod => pod.Key.Name.Contains("-a1-", StringComparison.Ordinal) ? PodScript.Exits(74, TimeSpan.FromMinutes(1)) : PodScript.Exits(0, TimeSpan.FromMinutes(5));
        cluster.StartOperator();
        await cluster.ApplyAsync(EmulatedCluster.FirstYaml);
        await cluster.UntilAsync(() => cluster.FineTune("first").Status?.Phase is FineTunePhase.Complete, TimeSpan.FromMinutes(25));
        Assert.Equal(["StorageError", "Succeeded", "Succeeded"], cluster.FineTune("first").Status.Attempts.Select(a => a.Class));
    }
}
