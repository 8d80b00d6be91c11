using DiffusionDpo.KubeOps.Client;
using k8s;
using k8s.Models;
using KubeOps.Abstractions.Reconciliation;
using KubeOps.Abstractions.Reconciliation.Controller;
using KubeOps.Abstractions.Reconciliation.Finalizer;

namespace DiffusionDpo.KubeOps.Reconciling;

/// <summary>
/// A controller with the finalizers of its kind around it: they are put on before the first reconciliation, and while an object is being
/// deleted each cleans up and is taken off; the controller is not called any more then.
/// </summary>
internal sealed class Finalizers<TEntity>(
    IEntityController<TEntity> controller, IReadOnlyList<(string Identifier, IEntityFinalizer<TEntity> Finalizer)> finalizers, ApiClient client)
    : IEntityController<TEntity>
    where TEntity : class, IKubernetesObject<V1ObjectMeta>
{
    /// <inheritdoc/>
    public async Task<ReconciliationResult<TEntity>> ReconcileAsync(TEntity entity, CancellationToken cancellationToken)
    {
        IList<string> present = entity.Metadata.Finalizers ?? [];
        if (entity.Metadata.DeletionTimestamp is not null) return await FinalizeAsync(entity, cancellationToken).ConfigureAwait(false);
        var missing = finalizers.Select(f => f.Identifier).Except(present).ToList();
        if (missing.Count > 0) entity = await client.SetFinalizersAsync(entity, present.Concat(missing), cancellationToken).ConfigureAwait(false);
        return await controller.ReconcileAsync(entity, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task<ReconciliationResult<TEntity>> DeletedAsync(TEntity entity, CancellationToken cancellationToken) =>
        controller.DeletedAsync(entity, cancellationToken);

    private async Task<ReconciliationResult<TEntity>> FinalizeAsync(TEntity entity, CancellationToken cancellationToken)
    {
        foreach (var (identifier, finalizer) in finalizers.Where(f => entity.Metadata.Finalizers?.Contains(f.Identifier) == true))
        {
            var result = await finalizer.FinalizeAsync(entity, cancellationToken).ConfigureAwait(false);
            if (!result.IsSuccess || result.RequeueAfter is not null) return result;
            entity = await client.SetFinalizersAsync(entity, entity.Metadata.Finalizers!.Where(f => f != identifier), cancellationToken).ConfigureAwait(false);
        }

        return ReconciliationResult<TEntity>.Success(entity);
    }
}
