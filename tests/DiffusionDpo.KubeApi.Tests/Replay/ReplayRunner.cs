using KubeApi;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace DiffusionDpo.KubeApi.Tests.Replay;

/// <summary>Replays one scenario and what it requires, and judges the results.</summary>
internal static class ReplayRunner
{
    public static IReadOnlyList<string> Names { get; } = Directory.GetFiles(DiffusionDpo.Shared.Repository.Path("tests", "kube-conformance"), "??-*.json")
        .Select(file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal).ToList();

    /// <summary>KUBEAPI_ONLY=02 chooses scenarios by the beginning of their names.</summary>
    public static TheoryData<string> Scenarios => [.. Names.Where(name => name.StartsWith(Environment.GetEnvironmentVariable("KUBEAPI_ONLY") ?? "", StringComparison.Ordinal))];

    public static (ApiServer Server, FakeTimeProvider Clock) NewServer()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        return (new ApiServer(new ApiServerOptions { Time = clock, AdminToken = "admin" }), clock);
    }

    /// <summary>A server without anything around it: steps that need a controller, scheduler or kubelet are left out.</summary>
    public static ReplayTarget Alone(HttpClient client, FakeTimeProvider clock, ApiServer server) =>
        Whole(client, clock, server) with { Absent = ReplayTarget.OtherComponents };

    /// <summary>A server with a cluster around it.</summary>
    public static ReplayTarget Whole(HttpClient client, FakeTimeProvider clock, ApiServer server) => new(client, "admin", clock, version =>
    {
        server.Store.Compact(version);
        return Task.CompletedTask;
    });

    public static async Task ReplayAsync(string name, ReplayTarget target, ITestOutputHelper output)
    {
        var scenario = Scenario.Load(name);
        foreach (var required in scenario.Requires)
            await new ReplayRun(target, Scenario.Load(required)).RunAsync();
        var results = await new ReplayRun(target, scenario).RunAsync();
        var complaints = NotEmulated.Complaints(name, results);
        var score = $"{name}: {results.Count(result => result.Difference is null)}/{results.Count} steps as recorded ({scenario.Steps.Count} in all), {NotEmulated.Of(name).Count} listed as not emulated";
        output.WriteLine(score);
        Assert.True(complaints.Count == 0, $"{score}\n{string.Join('\n', complaints)}");
    }
}
