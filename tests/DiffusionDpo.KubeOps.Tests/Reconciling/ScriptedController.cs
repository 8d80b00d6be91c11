using System.Collections.Concurrent;
using System.Threading.Channels;
using k8s.Models;
using KubeOps.Abstractions.Reconciliation;
using KubeOps.Abstractions.Reconciliation.Controller;

namespace DiffusionDpo.KubeOps.Tests.Reconciling;

/// <summary>A controller that does what a test says, and tells what it was called with.</summary>
internal sealed class ScriptedController : IEntityController<V1ConfigMap>
{
    private readonly Channel<string> _called = Channel.CreateUnbounded<string>();

    public Func<V1ConfigMap, CancellationToken, Task<ReconciliationResult<V1ConfigMap>>> OnReconcile { get; set; } =
        (entity, _) => Task.FromResult(ReconciliationResult<V1ConfigMap>.Success(entity));

    public Func<V1ConfigMap, ReconciliationResult<V1ConfigMap>> OnDeleted { get; set; } = entity => ReconciliationResult<V1ConfigMap>.Success(entity);

    public ConcurrentQueue<string> Calls { get; } = [];

    public async Task<ReconciliationResult<V1ConfigMap>> ReconcileAsync(V1ConfigMap entity, CancellationToken cancellationToken)
    {
        Note($"reconcile {entity.Metadata.Name} {entity.Metadata.Uid}");
        return await OnReconcile(entity, cancellationToken);
    }

    public Task<ReconciliationResult<V1ConfigMap>> DeletedAsync(V1ConfigMap entity, CancellationToken cancellationToken)
    {
        Note($"deleted {entity.Metadata.Name} {entity.Metadata.Uid}");
        return Task.FromResult(OnDeleted(entity));
    }

    /// <summary>Waits until so many calls more have begun.</summary>
    public async Task CalledAsync(int times = 1)
    {
        for (int i = 0; i < times; i++)
            await _called.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
    }

    private void Note(string call)
    {
        Calls.Enqueue(call);
        Assert.True(_called.Writer.TryWrite(call));
    }
}
