using DiffusionDpo.KubeOps.Leadership;
using DiffusionDpo.KubeOps.Tests.Faking;
using Microsoft.Extensions.Logging.Abstractions;
using Prometheus;

namespace DiffusionDpo.KubeOps.Tests.Leadership;

/// <summary>One process of an operator with several replicas.</summary>
internal sealed class Candidate : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly TimeProvider _time;
    private readonly CollectorRegistry _registry = Metrics.NewCustomRegistry();

    public Candidate(string name, FakeApiServer server, TimeProvider time)
    {
        (Name, _time) = (name, time);
        Client = new FakeApiClient(server, time);
        var options = new LeaderElectionOptions { LeaseName = "op", Namespace = "ns", Identity = name };
        Election = new LeaderElection(Client, options, time, _registry, NullLogger<LeaderElection>.Instance);
    }

    public string Name { get; }

    public FakeApiClient Client { get; }

    public LeaderElection Election { get; }

    /// <summary>Why its election has returned; null while it goes on.</summary>
    public LeadershipEnd? End { get; private set; }

    /// <summary>How long its work takes to end once told to.</summary>
    public TimeSpan Draining { get; init; }

    public bool IsCrashed { get; private set; }

    /// <summary>Whether it works as the leader now, or still drains.</summary>
    public bool IsWorking { get; private set; }

    public int Terms { get; private set; }

    /// <summary>Whether a write of it would be sent now.</summary>
    public bool MayWrite => !IsCrashed && Election.Fence.IsOpen;

    public CancellationToken Work { get; private set; }

    public Action? WhenLeading { get; init; }

    public Candidate Start()
    {
        _ = RunAsync();
        return this;

        async Task RunAsync() => End = await Election.RunAsync(WorkAsync, _stop.Token);
    }

    public void Stop() => _stop.Cancel();

    /// <summary>The process is gone: nothing that it does reaches anybody.</summary>
    public void Crash()
    {
        IsCrashed = true;
        Client.Faults = () => new Fault(Way: TimeSpan.FromDays(1));
    }

    public void Dispose() => _stop.Dispose();

    public async Task<string> MetricsAsync()
    {
        using var stream = new MemoryStream();
        await _registry.CollectAndExportAsTextAsync(stream);
        return System.Text.Encoding.UTF8.GetString(stream.ToArray());
    }

    private async Task WorkAsync(CancellationToken work)
    {
        (IsWorking, Work) = (true, work);
        Terms++;
        WhenLeading?.Invoke();
        // Not Task.Delay: it hands a cancellation to the thread pool, and the order of things would be another each time.
        var told = new TaskCompletionSource();
        using (work.Register(told.SetResult)) await told.Task;
        if (Draining > TimeSpan.Zero) await Task.Delay(Draining, _time, CancellationToken.None);
        IsWorking = false;
    }
}
