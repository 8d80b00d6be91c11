using DiffusionDpo.KubeOps.Caching;
using DiffusionDpo.KubeOps.Queueing;
using DiffusionDpo.KubeOps.Reconciling;
using k8s.Models;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Prometheus;

namespace DiffusionDpo.KubeOps.Tests.Reconciling;

/// <summary>A loop on a store that the test fills; time passes when the test says.</summary>
internal sealed class LoopUnderTest : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly EntityLoop<V1ConfigMap> _loop;
    private ulong _version;

    public LoopUnderTest(ReconcileOptions? options = null)
    {
        CollectorRegistry registry = Prometheus.Metrics.NewCustomRegistry();
        Queue = new WorkQueue<ObjectKey>(Time, new QueueMetrics(registry, "map"));
        _loop = new EntityLoop<V1ConfigMap>(
            Controller, Store, Queue, options ?? new ReconcileOptions(), new ReconcileMetrics(registry), Time, NullLogger.Instance);
        Store.Changed += (key, before, after) => _loop.Changed(key, after is null ? before : null);
    }

    public FakeTimeProvider Time { get; } = new();

    public ObjectStore<V1ConfigMap> Store { get; } = new(_ => null);

    public ScriptedController Controller { get; } = new();

    public WorkQueue<ObjectKey> Queue { get; }

    public Task Running { get; private set; } = Task.CompletedTask;

    public bool IsMoving => _loop.IsMoving;

    public LoopUnderTest Start()
    {
        Running = _loop.RunAsync(_stop.Token);
        return this;
    }

    public void Put(string name, string uid = "u1")
    {
        var metadata = new V1ObjectMeta { Name = name, NamespaceProperty = "default", Uid = uid, ResourceVersion = $"{++_version}" };
        Store.Advance(new Sight<V1ConfigMap>(Key(name), uid, _version, new V1ConfigMap { Metadata = metadata }));
    }

    public void Delete(string name, string uid = "u1") => Store.AdvanceGone(Key(name), uid, ++_version);

    public void Stop() => _stop.Cancel();

    /// <summary>Waits until nothing is in work and nothing waits for a worker.</summary>
    public async Task IdleAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!Queue.IsIdle)
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        while (!Running.IsCompleted)
        {
            Time.Advance(TimeSpan.FromSeconds(10));
            await Task.Yield();
        }

        Queue.Dispose();
        _stop.Dispose();
    }

    private static ObjectKey Key(string name) => new("default", name);
}
