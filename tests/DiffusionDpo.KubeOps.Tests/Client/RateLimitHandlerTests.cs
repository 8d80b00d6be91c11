using System.Net;
using DiffusionDpo.KubeOps.Client;
using Microsoft.Extensions.Time.Testing;

namespace DiffusionDpo.KubeOps.Tests.Client;

public sealed class RateLimitHandlerTests
{
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public async Task A_burst_goes_at_once_and_the_rest_at_the_rate()
    {
        ScriptedServer server = new(_clock, HttpStatusCode.OK);
        using HttpMessageInvoker client = new(new RateLimitHandler(10, 5, _clock) { InnerHandler = server });
        List<Task> sent = [.. Enumerable.Range(0, 25).Select(_ => client.SendAsync(new HttpRequestMessage(), CancellationToken.None))];
        Assert.Equal(5, server.AskedAt.Count);
        while (!sent.TrueForAll(one => one.IsCompleted))
        {
            _clock.Advance(TimeSpan.FromMilliseconds(1));
            await Task.Yield();
        }

        Assert.Equal(25, server.AskedAt.Count);
        for (var request = 5; request < 25; request++) Assert.InRange(server.AskedAt[request], ((request - 4) * 0.1) - 0.001, double.MaxValue);
        Assert.InRange(server.AskedAt[24], 2, 2.5);
    }

    [Fact]
    public async Task After_a_pause_there_is_one_burst_and_not_more()
    {
        ScriptedServer server = new(_clock, HttpStatusCode.OK);
        using HttpMessageInvoker client = new(new RateLimitHandler(10, 5, _clock) { InnerHandler = server });
        for (var request = 0; request < 5; request++) await client.SendAsync(new HttpRequestMessage(), CancellationToken.None);
        _clock.Advance(TimeSpan.FromHours(1));
        for (var request = 0; request < 20; request++) _ = client.SendAsync(new HttpRequestMessage(), CancellationToken.None);
        Assert.Equal(10, server.AskedAt.Count);
    }
}
