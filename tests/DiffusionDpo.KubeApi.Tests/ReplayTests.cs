using Xunit;
using DiffusionDpo.KubeApi.Tests.Replay;
using KubeApi;
using KubeApi.Http;
using Microsoft.Extensions.Time.Testing;

namespace DiffusionDpo.KubeApi.Tests;

/// <summary>The recordings of a real API server, replayed against this one: the answers must be the same.</summary>
public sealed class ReplayTests(ITestOutputHelper output)
{
    public static TheoryData<string> Scenarios => new(
        Directory.GetFiles(Path.Combine(DiffusionDpo.Shared.Repository.Root, "tests", "kube-conformance"), "??-*.json").Select(Path.GetFileNameWithoutExtension)
        .Where(name => name!.StartsWith(Environment.GetEnvironmentVariable("KUBEAPI_ONLY") ?? "", StringComparison.Ordinal)).Order()!);

    [Theory]
    [MemberData(nameof(Scenarios))]
    public async Task In_process_answers_are_as_recorded(string name)
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var server = new ApiServer(new ApiServerOptions { Time = clock, AdminToken = "admin" });
        using var client = new HttpClient(server.CreateHandler()) { BaseAddress = new Uri("http://kube.test/") };
        await ReplayAsync(name, Target(client, clock, server));
    }

    [Theory]
    [MemberData(nameof(Scenarios))]
    public async Task Answers_over_http_are_as_recorded(string name)
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var server = new ApiServer(new ApiServerOptions { Time = clock, AdminToken = "admin" });
        await using var host = await KestrelHost.StartAsync(server);
        using var client = new HttpClient { BaseAddress = host.Address };
        await ReplayAsync(name, Target(client, clock, server));
    }

    private static ReplayTarget Target(HttpClient client, FakeTimeProvider clock, ApiServer server) => new(client, "admin", clock, version =>
    {
        server.Store.Compact(version);
        return Task.CompletedTask;
    });

    private async Task ReplayAsync(string name, ReplayTarget target)
    {
        var scenario = Scenario.Load(name);
        foreach (var required in scenario.Requires)
            await new ReplayRun(target, Scenario.Load(required)).RunAsync();
        var results = await new ReplayRun(target, scenario).RunAsync();
        var failed = results.Where(result => result.Difference is not null).Select(result => $"{result.Step}: {result.Difference}").ToList();
        output.WriteLine($"{name}: {results.Count - failed.Count}/{results.Count}");
        Assert.True(failed.Count == 0, $"{name}: {results.Count - failed.Count}/{results.Count}\n{string.Join('\n', failed)}");
    }
}
