using System.Net;
using DiffusionDpo.KubeOps.Health;
using Microsoft.Extensions.Time.Testing;
using Prometheus;

namespace DiffusionDpo.KubeOps.Tests.Health;

public sealed class HealthTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new();
    private readonly CollectorRegistry _registry = Metrics.NewCustomRegistry();
    private readonly HttpClient _http = new();
    private readonly HealthChecks _checks = new();
    private HealthEndpoints? _endpoints;

    public async ValueTask InitializeAsync()
    {
        var any = new HealthOptions { Health = new IPEndPoint(IPAddress.Loopback, 0), Metrics = new IPEndPoint(IPAddress.IPv6Loopback, 0) };
        _endpoints = await HealthEndpoints.StartAsync(any, _checks, _registry, TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _endpoints!.DisposeAsync();
    }

    [Fact]
    public async Task Without_checks_all_is_well()
    {
        Assert.Equal((HttpStatusCode.OK, "livez check passed\n"), await GetAsync("/livez"));
        Assert.Equal((HttpStatusCode.OK, "readyz check passed\n"), await GetAsync("/readyz"));
    }

    [Fact]
    public async Task A_loop_that_does_not_move_is_named()
    {
        var queue = new LivenessBeacon(TimeSpan.FromSeconds(30), _time);
        var watch = new LivenessBeacon(TimeSpan.FromSeconds(60), _time);
        _checks.AddLiveness("queue", () => queue.IsAlive);
        _checks.AddLiveness("watch", () => watch.IsAlive);
        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal((HttpStatusCode.OK, "[+]queue ok\n[+]watch ok\nlivez check passed\n"), await GetAsync("/livez"));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "[-]queue failed\n[+]watch ok\nlivez check failed\n"), await GetAsync("/livez"));
        queue.Beat();
        Assert.Equal(HttpStatusCode.OK, (await GetAsync("/livez")).Status);
    }

    [Fact]
    public async Task Ready_is_when_all_is_synced_and_does_not_touch_liveness()
    {
        var isSynced = false;
        _checks.AddReadiness("jobs", () => isSynced);
        _checks.AddReadiness("pods", () => true);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "[-]jobs failed\n[+]pods ok\nreadyz check failed\n"), await GetAsync("/readyz"));
        Assert.Equal(HttpStatusCode.OK, (await GetAsync("/livez")).Status);
        isSynced = true;
        Assert.Equal(HttpStatusCode.OK, (await GetAsync("/readyz")).Status);
    }

    [Fact]
    public async Task A_check_that_throws_has_failed()
    {
        _checks.AddReadiness("cache", () => throw new InvalidOperationException());
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "[-]cache failed\nreadyz check failed\n"), await GetAsync("/readyz"));
    }

    [Fact]
    public async Task Metrics_are_those_of_the_registry_and_no_others()
    {
        Metrics.WithCustomRegistry(_registry).CreateCounter("test_things_total", "Things.").Inc(3);
        using var answer = await _http.GetAsync(new Uri(_endpoints!.MetricsAddress, "/metrics"), TestContext.Current.CancellationToken);
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", answer.Content.Headers.ContentType!.ToString());
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Equal("# HELP test_things_total Things.\n# TYPE test_things_total counter\ntest_things_total 3\n", text);
    }

    [Fact]
    public async Task Health_and_metrics_are_on_their_own_addresses()
    {
        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync("/metrics")).Status);
        using var answer = await _http.GetAsync(new Uri(_endpoints!.MetricsAddress, "/livez"), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task One_address_has_all()
    {
        var one = new IPEndPoint(IPAddress.Loopback, 0);
        await using var all = await HealthEndpoints.StartAsync(new HealthOptions { Health = one, Metrics = one }, _checks, _registry, TestContext.Current.CancellationToken);
        Assert.Equal(all.HealthAddress, all.MetricsAddress);
        foreach (var path in (string[])["/livez", "/readyz", "/metrics"])
        {
            using var answer = await _http.GetAsync(new Uri(all.HealthAddress, path), TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
    }

    [Fact]
    public async Task An_address_in_use_is_an_error() => await Assert.ThrowsAsync<IOException>(() => HealthEndpoints.StartAsync(
        new HealthOptions
        {
            Health = new IPEndPoint(IPAddress.Loopback, _endpoints!.HealthAddress.Port),
            Metrics = new IPEndPoint(IPAddress.Loopback, 0),
        }, _checks, _registry, TestContext.Current.CancellationToken));

    private async Task<(HttpStatusCode Status, string Text)> GetAsync(string path)
    {
        using var answer = await _http.GetAsync(new Uri(_endpoints!.HealthAddress, path), TestContext.Current.CancellationToken);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }
}
