namespace DiffusionDpo.KubeOps.Builder;

/// <summary>What of an entity is kept in the cache.</summary>
/// <param name="Apply">Returns the entity, or a smaller one.</param>
internal sealed record Projection<TEntity>(Func<TEntity, TEntity> Apply);
