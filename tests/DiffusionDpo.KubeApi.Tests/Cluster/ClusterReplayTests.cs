using DiffusionDpo.KubeApi.Tests.Replay;
using KubeApi;
using KubeApi.Cluster;
using KubeApi.Cluster.Kubelets;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace DiffusionDpo.KubeApi.Tests.Cluster;

/// <summary>The recordings again, with the steps that need controllers, scheduler and kubelets.</summary>
public sealed class ClusterReplayTests(ITestOutputHelper output)
{
    public static TheoryData<string> Scenarios => ["02-crud", "06-finalizers", "07-lists", "08-watch", "10-jobs", "12-errors"];

    [Theory]
    [MemberData(nameof(Scenarios))]
    public async Task Answers_with_a_cluster_around_are_as_recorded(string name)
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var server = new ApiServer(new ApiServerOptions { Time = clock, AdminToken = "admin" });
        var runtime = new ScriptedRuntime(clock) { Script = LikeKwok };
        await using var cluster = new FakeCluster(server, new FakeClusterOptions { Runtime = runtime, LikeKwok = true });
        cluster.Start();
        using var client = new HttpClient(new SettlingHandler(server.CreateHandler(), cluster)) { BaseAddress = new Uri("http://kube.test/") };
        var target = new ReplayTarget(client, "admin", clock, version =>
        {
            server.Store.Compact(version);
            return Task.CompletedTask;
        });
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
