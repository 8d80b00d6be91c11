using DiffusionDpo.KubeApi.Tests.Replay;
using KubeApi.Http;
using Xunit;

namespace DiffusionDpo.KubeApi.Tests;

/// <summary>The recordings of a real API server, replayed against this one over HTTP.</summary>
public sealed class HttpReplayTests(ITestOutputHelper output)
{
    public static TheoryData<string> Scenarios => ReplayRunner.Scenarios;

    [Theory]
    [MemberData(nameof(Scenarios))]
    public async Task Answers_over_http_are_as_recorded(string name)
    {
        var (server, clock) = ReplayRunner.NewServer();
        await using var host = await KestrelHost.StartAsync(server);
        using var client = new HttpClient { BaseAddress = host.Address };
        await ReplayRunner.ReplayAsync(name, ReplayRunner.Alone(client, clock, server), output);
    }
}
