using DiffusionDpo.KubeApi.Tests.Replay;
using KubeApi.Cluster;
using KubeApi.Cluster.Kubelets;
using Xunit;

namespace DiffusionDpo.KubeApi.Tests.Cluster;

/// <summary>The recordings again, with the steps that need controllers, scheduler and kubelets: all of them as recorded.</summary>
public sealed class ClusterReplayTests(ITestOutputHelper output)
{
    public static TheoryData<string> Scenarios => ReplayRunner.Scenarios;

    [Theory]
    [MemberData(nameof(Scenarios))]
    public async Task Answers_with_a_cluster_around_are_as_recorded(string name)
    {
        var (server, clock) = ReplayRunner.NewServer();
        var runtime = new ScriptedRuntime(clock) { Script = LikeKwok };
        await using var cluster = new FakeCluster(server, new FakeClusterOptions { Runtime = runtime, LikeKwok = true });
        cluster.Start();
        using var client = new HttpClient(new SettlingHandler(server.CreateHandler(), cluster)) { BaseAddress = new Uri("http://kube.test/") };
        var target = ReplayRunner.Target(client, clock, server);
        var scenario = Scenario.Load(name);
        foreach (var required in scenario.Requires)
            await new ReplayRun(target, Scenario.Load(required)).RunAsync();
        var results = await new ReplayRun(target, scenario).RunAsync();
        var failed = results.Where(result => result.Difference is not null).Select(result => $"{result.Step}: {result.Difference}").ToList();
        output.WriteLine($"{name}: {results.Count - failed.Count}/{results.Count}");
        Assert.True(failed.Count == 0, $"{name}: {results.Count - failed.Count}/{results.Count}\n{string.Join('\n', failed)}");
    }

    // The recorded kwok completed pods with this label after a second.
    private static PodScript LikeKwok(PodRun pod) =>
        pod.Label("fake.complete") == "true" ? PodScript.Exits(0, TimeSpan.FromSeconds(1.1)) : PodScript.Runs;
}
