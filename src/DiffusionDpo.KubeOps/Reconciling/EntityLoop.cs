using System.Collections.Concurrent;
using DiffusionDpo.KubeOps.Caching;
using DiffusionDpo.KubeOps.Client;
using DiffusionDpo.KubeOps.Queueing;
using DiffusionDpo.KubeOps.Texts;
using k8s;
using k8s.Models;
using KubeOps.Abstractions.Reconciliation;
using KubeOps.Abstractions.Reconciliation.Controller;
using Microsoft.Extensions.Logging;

namespace DiffusionDpo.KubeOps.Reconciling;

/// <summary>Takes keys from the queue and calls the controller, several at once, each key by one worker at a time.</summary>
internal sealed class EntityLoop<TEntity>(
    IEntityController<TEntity> controller,
    IObjectCache<TEntity> cache,
    WorkQueue<ObjectKey> queue,
    ReconcileOptions options,
    ReconcileMetrics metrics,
    TimeProvider time,
    ILogger log) : IEntityLoop
    where TEntity : class, IKubernetesObject<V1ObjectMeta>
{
    private const int MostCharacters = 1024;
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_stuckGrace = TimeSpan.FromMinutes(1);
    private readonly ConcurrentDictionary<ObjectKey, TEntity> _gone = new();
    private volatile bool _isWorking;

    /// <inheritdoc/>
    public string Kind { get; } = typeof(TEntity).Name.ToLowerInvariant();

    /// <inheritdoc/>
    public bool IsMoving => queue.LongestWork <= options.Timeout + s_stuckGrace;

    /// <summary>An entity, or something that belongs to it, has changed.</summary>
    /// <param name="key">The entity.</param>
    /// <param name="gone">The entity as it was, where it is gone.</param>
    public void Changed(ObjectKey key, TEntity? gone = null)
    {
        // Who only stands by remembers nothing: whatever there is comes when the work begins.
        if (!_isWorking) return;
        if (gone is not null) _gone[key] = gone;
        queue.Add(key);
    }

    /// <inheritdoc/>
    public async Task RunAsync(CancellationToken stop)
    {
        _isWorking = true;
        foreach (var entity in cache.List()) queue.AddBehind(ObjectKey.Of(entity));
        // Both outlive this method where a controller does not end: they are not disposed.
        var abandon = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        var giveUp = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        await using var drain = stop.Register(() =>
        {
            abandon.CancelAfter(options.DrainLimit);
            giveUp.CancelAfter(options.DrainLimit + s_grace);
        }).ConfigureAwait(false);
        // On threads of their own from the start: a controller that never waits would keep the next worker from beginning.
        var workers = Task.WhenAll(Enumerable.Range(0, options.Workers).Select(_ => Task.Run(() => WorkAsync(stop, abandon.Token), CancellationToken.None)));
        await workers.WaitAsync(giveUp.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!workers.IsCompleted) log.LogError("Reconciliations of {Kind} ignored that they were cancelled and are left behind", Kind);
    }

    private async Task WorkAsync(CancellationToken stop, CancellationToken abandon)
    {
        while (!stop.IsCancellationRequested)
        {
            ObjectKey key;
            try
            {
                key = await queue.TakeAsync(stop).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            await ReconcileAsync(key, abandon).ConfigureAwait(false);
            queue.Done(key);
        }
    }

    private async Task ReconcileAsync(ObjectKey key, CancellationToken abandon)
    {
        var start = time.GetTimestamp();
        using var patience = new CancellationTokenSource(options.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(abandon, patience.Token);
        var outcome = "error";
        try
        {
            var result = await CallAsync(key, either.Token).ConfigureAwait(false);
            outcome = result is null or { IsSuccess: true, RequeueAfter: null } ? "success" : result.IsSuccess ? "requeue_after" : "error";
            if (result is { IsSuccess: false }) log.LogWarning("{Key}: {Problem}", key, ForeignText.OneLine(result.ErrorMessage, MostCharacters));
            if (result is { IsSuccess: false, RequeueAfter: null })
            {
                queue.AddAfterFailure(key);
                return;
            }

            queue.Forget(key);
            if (result?.RequeueAfter is { } wait) queue.AddAfter(key, wait);
            else if (cache.Get(key) is not null) queue.AddAfter(key, options.Resync * (1 + Jitter.Next(0.1)));
        }
        catch (Exception e)
        {
            // Whatever it is, the other entities are not to suffer, and this one gets another chance.
            if (!abandon.IsCancellationRequested) log.LogWarning("{Key}: {Problem}", key, patience.IsCancellationRequested ? "reconciliation took too long" : ForeignText.OneLine(e.Message, MostCharacters));
            log.LogDebug(e, "{Key}", key);
            queue.AddAfterFailure(key);
        }
        finally
        {
            metrics.Ended(Kind, outcome, time.GetElapsedTime(start));
        }
    }

    private async Task<ReconciliationResult<TEntity>?> CallAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (_gone.TryGetValue(key, out var gone))
        {
            // First the one that is gone, though its name may be taken again by now.
            var told = await controller.DeletedAsync(gone, cancellationToken).ConfigureAwait(false);
            if (!told.IsSuccess || told.RequeueAfter is not null) return told;
            _gone.TryRemove(KeyValuePair.Create(key, gone));
        }

        return cache.Get(key) is { } entity ? await controller.ReconcileAsync(entity, cancellationToken).ConfigureAwait(false) : null;
    }
}
