using System.Net;
using KubeApi;
using KubeApi.Faults;
using KubeApi.Http;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace DiffusionDpo.KubeApi.Tests.Faults;

/// <summary>Each fault looks to a client as the real thing does.</summary>
public sealed class FaultTests : IDisposable
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly ApiServer _server;
    private readonly ConfigMapClient _client;

    public FaultTests()
    {
        _server = new ApiServer(new ApiServerOptions { Time = _clock });
        _client = new ConfigMapClient(_server);
    }

    public void Dispose() => _client.Dispose();

    [Fact]
    public async Task A_request_cut_before_the_server_sees_it_does_nothing()
    {
        Inject(new Fault(FaultKind.CutBefore));
        await Assert.ThrowsAsync<HttpRequestException>(() => _client.CreateAsync("a"));
        Assert.Empty((await _client.ListAsync()).Values);
    }

    [Fact]
    public async Task A_request_cut_after_the_server_saw_it_is_done_all_the_same()
    {
        Inject(new Fault(FaultKind.CutAfter));
        await Assert.ThrowsAsync<HttpRequestException>(() => _client.CreateAsync("a"));
        Assert.Equal(["a"], (await _client.ListAsync()).Values.Keys);
    }

    [Fact]
    public async Task A_delayed_answer_comes_when_its_time_has_come()
    {
        Inject(new Fault(FaultKind.Delay) { Delay = TimeSpan.FromSeconds(3) });
        var creating = _client.CreateAsync("a");
        _clock.Advance(TimeSpan.FromSeconds(2));
        Assert.False(creating.IsCompleted);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(HttpStatusCode.Created, (await creating).StatusCode);
    }

    [Fact]
    public async Task An_answer_that_never_comes_ends_with_the_clients_patience()
    {
        Inject(new Fault(FaultKind.Hang));
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10), _clock);
        var getting = _client.GetAsync("a", patience);
        _clock.Advance(TimeSpan.FromSeconds(9));
        Assert.False(getting.IsCompleted);
        _clock.Advance(TimeSpan.FromSeconds(1));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => getting);
    }

    [Fact]
    public async Task Too_many_requests_say_when_to_try_again()
    {
        Inject(Fault.TooManyRequests(7));
        var answer = await _client.CreateAsync("a");
        Assert.Equal(HttpStatusCode.TooManyRequests, answer.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(7), answer.Headers.RetryAfter?.Delta);
        Assert.Contains("\"retryAfterSeconds\":7", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_internal_error_does_nothing()
    {
        Inject(Fault.InternalError());
        Assert.Equal(HttpStatusCode.InternalServerError, (await _client.CreateAsync("a")).StatusCode);
        Assert.Empty((await _client.ListAsync()).Values);
    }

    [Fact]
    public async Task After_a_compaction_an_old_watch_is_told_410()
    {
        var (version, _) = await _client.ListAsync();
        await _client.CreateAsync("a");
        Inject(new Fault(FaultKind.Compact));
        using var watch = await _client.WatchAsync($"resourceVersion={version}");
        Assert.Equal("ERROR 410", await watch.NextAsync());
        Assert.Null(await watch.NextAsync());
    }

    [Fact]
    public async Task A_cut_watch_throws_after_its_events()
    {
        await _client.CreateAsync("a");
        Inject(new Fault(FaultKind.WatchCut) { AfterEvents = 1 });
        using var watch = await _client.WatchAsync("");
        Assert.Equal("ADDED a v", await watch.NextAsync());
        await Assert.ThrowsAnyAsync<IOException>(() => watch.NextAsync());
    }

    [Fact]
    public async Task A_watch_that_ends_early_ends_properly()
    {
        await _client.CreateAsync("a");
        Inject(new Fault(FaultKind.WatchEnd));
        using var watch = await _client.WatchAsync("");
        Assert.Null(await watch.NextAsync());
    }

    [Fact]
    public async Task A_half_open_watch_stays_open_and_is_silent()
    {
        await _client.CreateAsync("a");
        Inject(new Fault(FaultKind.WatchSilence) { AfterEvents = 1 });
        using var watch = await _client.WatchAsync("timeoutSeconds=5");
        Assert.Equal("ADDED a v", await watch.NextAsync());
        await _client.CreateAsync("b");
        var next = watch.NextAsync();
        _clock.Advance(TimeSpan.FromMinutes(10));
        await Task.Yield();
        Assert.False(next.IsCompleted);
        Assert.Equal(1, _server.Faults.Counts[FaultKind.WatchSilence]);
    }

    [Fact]
    public async Task A_duplicated_event_comes_twice_and_the_others_once()
    {
        Inject(new Fault(FaultKind.WatchDuplicate) { AfterEvents = 1 });
        using var watch = await _client.WatchAsync("");
        foreach (var name in (string[])["a", "b", "c"])
            await _client.CreateAsync(name);
        var seen = new List<string?>();
        for (var count = 0; count < 4; count++)
            seen.Add(await watch.NextAsync());
        Assert.Equal(["ADDED a v", "ADDED b v", "ADDED b v", "ADDED c v"], seen);
    }

    [Fact]
    public async Task A_late_event_comes_late()
    {
        Inject(new Fault(FaultKind.WatchDelay) { Delay = TimeSpan.FromSeconds(4) });
        using var watch = await _client.WatchAsync("");
        var next = watch.NextAsync();
        await _client.CreateAsync("a");
        _clock.Advance(TimeSpan.FromSeconds(3));
        Assert.False(next.IsCompleted);
        while (!next.IsCompleted)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        Assert.Equal("ADDED a v", await next);
    }

    [Fact]
    public async Task An_expired_watch_says_so_in_the_stream()
    {
        Inject(new Fault(FaultKind.WatchExpired));
        using var watch = await _client.WatchAsync("");
        Assert.Equal("ERROR 410", await watch.NextAsync());
        Assert.Null(await watch.NextAsync());
    }

    [Fact]
    public async Task Over_http_a_cut_is_a_broken_connection()
    {
        await _client.CreateAsync("a");
        await using var host = await KestrelHost.StartAsync(_server);
        using var client = new HttpClient { BaseAddress = host.Address };
        Inject(new Fault(FaultKind.CutAfter));
        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync("/api/v1/namespaces/default/configmaps", TestContext.Current.CancellationToken));
        Inject(new Fault(FaultKind.WatchCut) { AfterEvents = 1 });
        var broken = await Record.ExceptionAsync(async () =>
        {
            // What was sent just before a reset may be lost with it, so whether the event arrives is open.
            using var watch = new WatchReading(new HttpResponseMessage(), await client.GetStreamAsync("/api/v1/namespaces/default/configmaps?watch=true", TestContext.Current.CancellationToken));
            while (await watch.NextAsync() is not null)
            {
            }
        });
        Assert.True(broken is IOException or HttpRequestException, $"{broken}");
    }

    [Fact]
    public void A_seed_repeats_its_faults()
    {
        static List<string> Draw(int seed)
        {
            var schedule = new SeededSchedule(seed);
            var request = new ApiRequest { Method = "GET", Path = "/api/v1/pods" };
            return [.. Enumerable.Range(0, 500).Select(n => schedule.Next(request, n % 5 == 0)?.ToString() ?? "none")];
        }

        Assert.Equal(Draw(7), Draw(7));
        Assert.NotEqual(Draw(7), Draw(8));
        Assert.True(Draw(7).Distinct().Count() > 50);
    }

    private void Inject(Fault fault) => _server.Faults.Schedule = PredicateSchedule.Once(_ => true, fault);
}
