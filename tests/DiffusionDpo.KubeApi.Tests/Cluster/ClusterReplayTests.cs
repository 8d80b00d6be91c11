using DiffusionDpo.KubeApi.Tests.Replay;
using KubeApi.Cluster;
using KubeApi.Cluster.Kubelets;
using Xunit;

namespace DiffusionDpo.KubeApi.Tests.Cluster;

/// <summary>All steps of the recordings, those that need controllers, scheduler and kubelets among them.</summary>
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
        await ReplayRunner.ReplayAsync(name, ReplayRunner.Whole(client, clock, server), output);
    }

    // The recorded kwok completed pods with this label after a second.
    private static PodScript LikeKwok(PodRun pod) =>
        pod.Label("fake.complete") == "true" ? PodScript.Exits(0, TimeSpan.FromSeconds(1.1)) : PodScript.Runs;
}
