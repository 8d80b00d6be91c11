using DiffusionDpo.KubeApi.Tests.Replay;
using Xunit;

namespace DiffusionDpo.KubeApi.Tests;

/// <summary>The recordings of a real API server, replayed against this one without sockets: the answers must be the same.</summary>
public sealed class InProcessReplayTests(ITestOutputHelper output)
{
    public static TheoryData<string> Scenarios => ReplayRunner.Scenarios;

    [Theory]
    [MemberData(nameof(Scenarios))]
    public async Task In_process_answers_are_as_recorded(string name)
    {
        var (server, clock) = ReplayRunner.NewServer();
        using var client = new HttpClient(server.CreateHandler()) { BaseAddress = new Uri("http://kube.test/") };
        await ReplayRunner.ReplayAsync(name, ReplayRunner.Alone(client, clock, server), output);
    }
}
