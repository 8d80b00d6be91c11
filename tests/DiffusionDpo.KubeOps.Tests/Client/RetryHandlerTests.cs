using System.Net;
using DiffusionDpo.KubeOps.Client;
using Microsoft.Extensions.Time.Testing;

namespace DiffusionDpo.KubeOps.Tests.Client;

public sealed class RetryHandlerTests
{
    private readonly FakeTimeProvider _clock = new();

    [Theory]
    [InlineData("GET", HttpStatusCode.TooManyRequests, false, 5)]
    [InlineData("POST", HttpStatusCode.TooManyRequests, false, 5)]
    [InlineData("POST", HttpStatusCode.ServiceUnavailable, true, 5)]
    [InlineData("POST", HttpStatusCode.ServiceUnavailable, false, 1)]
    [InlineData("GET", HttpStatusCode.ServiceUnavailable, false, 5)]
    [InlineData("GET", HttpStatusCode.InternalServerError, false, 5)]
    [InlineData("PATCH", HttpStatusCode.InternalServerError, false, 1)]
    [InlineData("GET", HttpStatusCode.GatewayTimeout, false, 1)]
    [InlineData("GET", HttpStatusCode.Gone, false, 1)]
    [InlineData("POST", HttpStatusCode.Conflict, false, 1)]
    public async Task Only_what_is_safe_is_sent_again_and_five_times_at_most(string method, HttpStatusCode code, bool hasRetryAfter, int tries)
    {
        ScriptedServer server = new(_clock, code) { RetryAfter = hasRetryAfter ? TimeSpan.FromSeconds(1) : null };
        using var answer = await SendAsync(server, method);
        Assert.Equal(code, answer.StatusCode);
        Assert.Equal(tries, server.AskedAt.Count);
    }

    [Fact]
    public async Task Waits_double_with_jitter()
    {
        ScriptedServer server = new(_clock, HttpStatusCode.InternalServerError);
        (await SendAsync(server, "GET")).Dispose();
        var waits = server.AskedAt.Zip(server.AskedAt.Skip(1), (one, next) => next - one).ToList();
        for (var retry = 0; retry < waits.Count; retry++) Assert.InRange(waits[retry], 0.2 * (1 << retry), (0.2 * (1 << retry) * 1.5) + 0.02);
    }

    [Fact]
    public async Task The_server_says_how_long_to_wait_and_a_wait_over_ten_seconds_is_the_callers_to_decide()
    {
        ScriptedServer server = new(_clock, HttpStatusCode.TooManyRequests, HttpStatusCode.OK) { RetryAfter = TimeSpan.FromSeconds(3) };
        (await SendAsync(server, "POST")).Dispose();
        Assert.Equal(3, server.AskedAt[1], 0.02);
        ScriptedServer slow = new(_clock, HttpStatusCode.TooManyRequests, HttpStatusCode.OK) { RetryAfter = TimeSpan.FromHours(1) };
        using var answer = await SendAsync(slow, "POST");
        Assert.Equal(HttpStatusCode.TooManyRequests, answer.StatusCode);
        Assert.Single(slow.AskedAt);
    }

    [Fact]
    public async Task A_read_without_a_connection_is_sent_again_and_a_write_is_not()
    {
        ScriptedServer server = new(_clock, null, null, HttpStatusCode.OK);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(server, "GET")).StatusCode);
        ScriptedServer gone = new(_clock, (HttpStatusCode?)null);
        await Assert.ThrowsAsync<HttpRequestException>(() => SendAsync(gone, "POST"));
        Assert.Single(gone.AskedAt);
    }

    private async Task<HttpResponseMessage> SendAsync(ScriptedServer server, string method)
    {
        using HttpMessageInvoker client = new(new RetryHandler(_clock) { InnerHandler = server });
        using HttpRequestMessage request = new(new HttpMethod(method), "http://server.invalid/");
        var sending = client.SendAsync(request, CancellationToken.None);
        while (!sending.IsCompleted)
        {
            _clock.Advance(TimeSpan.FromMilliseconds(10));
            await Task.Yield();
        }

        return await sending;
    }
}
