using DiffusionDpo.KubeOps.Caching;
using DiffusionDpo.KubeOps.Client;
using DiffusionDpo.KubeOps.Leadership;
using DiffusionDpo.KubeOps.Tests.Client;
using DiffusionDpo.KubeOps.Tests.Faking;
using DiffusionDpo.Shared;
using k8s.Models;
using KubeApi;
using KubeApi.Faults;
using KubeApi.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace DiffusionDpo.KubeOps.Tests.Leadership;

/// <summary>A leader whose election gets no processor time: no renewal is sent and no timer closes the fence. The clock keeps its writes back.</summary>
public sealed class WriteFenceTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly StallingTime _electionTime;
    private readonly ApiServer _server;
    private readonly LeaderElection _election;

    public WriteFenceTests()
    {
        SynchronizationContext.SetSynchronizationContext(null);
        _electionTime = new StallingTime(_time);
        _server = new ApiServer(new ApiServerOptions { Time = _time });
        var options = new LeaderElectionOptions { LeaseName = "op", Namespace = "ns", Identity = "one" };
        _election = new LeaderElection(
            new FakeApiClient(new FakeApiServer(), _electionTime), options, _electionTime, Prometheus.Metrics.NewCustomRegistry(), NullLogger<LeaderElection>.Instance);
        _ = _election.RunAsync(work => Task.Delay(Timeout.Infinite, work), CancellationToken.None);
        Assert.True(_election.IsLeader);
    }

    public void Dispose() => _electionTime.GoOn();

    [Fact]
    public async Task Nothing_leaves_once_the_renew_deadline_has_passed()
    {
        using var connected = Connect();
        _electionTime.Stall();
        _time.Advance(TimeSpan.FromSeconds(9.9));
        await connected.Client.CreateAsync(Connected.Map("in-time"), Stop);
        _time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.False(_election.Fence.Closed.IsCancellationRequested);
        var late = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connected.Client.CreateAsync(Connected.Map("late"), Stop));
        Assert.Contains("does not lead", late.Message, StringComparison.Ordinal);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connected.Client.ApplyAsync(Connected.Map("in-time", "2"), Stop));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connected.Client.DeleteAsync<V1ConfigMap>(Key("in-time"), new Deletion(), Stop));
        Assert.Equal(["in-time=1"], Stored());
    }

    [Fact]
    public async Task A_write_that_waited_to_be_sent_again_does_not_leave_after_the_deadline()
    {
        _server.Faults.Schedule = PredicateSchedule.Once(request => request.Method == "POST", KubeApi.Faults.Fault.TooManyRequests(retryAfter: 5));
        using var connected = Connect();
        _electionTime.Stall();
        _time.Advance(TimeSpan.FromSeconds(6));
        var write = connected.Client.CreateAsync(Connected.Map("waited"), Stop);
        Assert.Equal(1, _server.Faults.Counts[FaultKind.Refuse]);
        _time.Advance(TimeSpan.FromSeconds(5));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => write);
        Assert.Empty(Stored());
    }

    [Fact]
    public async Task Nor_does_one_that_waited_for_the_rate_limit()
    {
        using var connected = Connect(requestsPerSecond: 0.1);
        _electionTime.Stall();
        await connected.Client.CreateAsync(Connected.Map("first"), Stop);
        var write = connected.Client.CreateAsync(Connected.Map("second"), Stop);
        _time.Advance(TimeSpan.FromSeconds(10));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => write);
        Assert.Equal(["first=1"], Stored());
    }

    [Fact]
    public async Task Nor_does_one_over_sockets()
    {
        await using var host = await KestrelHost.StartAsync(_server);
        using var connected = Connect(host.Address.ToString());
        await connected.Client.CreateAsync(Connected.Map("in-time"), Stop);
        _electionTime.Stall();
        _time.Advance(TimeSpan.FromSeconds(10));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connected.Client.CreateAsync(Connected.Map("late"), Stop));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connected.Client.DeleteAsync<V1ConfigMap>(Key("in-time"), new Deletion(), Stop));
        Assert.NotNull(await connected.Client.GetAsync<V1ConfigMap>(Key("in-time"), Stop));
        Assert.Equal(["in-time=1"], Stored());
    }

    [Fact]
    public void The_leadership_that_is_found_over_late_is_not_taken_up_again()
    {
        _electionTime.Stall();
        _time.Advance(TimeSpan.FromSeconds(12));
        _electionTime.GoOn();
        Assert.False(_election.Fence.IsOpen);
        Assert.True(_election.Fence.Closed.IsCancellationRequested);
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.False(_election.IsLeader);
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static ObjectKey Key(string name) => new("default", name);

    private Connected Connect(string? address = null, double requestsPerSecond = 100) => new(
        address ?? "http://emulator.invalid", address is null ? _server.CreateHandler : null, _election.Fence, _time, requestsPerSecond);

    private IEnumerable<string> Stored() =>
        _server.Store.List("configmaps").Objects.Where(pair => pair.Key.Namespace == "default").Select(pair => $"{pair.Key.Name}={pair.Value.Document()["data"]?["key"]}");
}
