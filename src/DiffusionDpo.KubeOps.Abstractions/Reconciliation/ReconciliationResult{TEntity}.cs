using System.Diagnostics.CodeAnalysis;
using k8s;
using k8s.Models;

namespace KubeOps.Abstractions.Reconciliation;

/// <summary>How a reconciliation ended and when the next one is due.</summary>
/// <typeparam name="TEntity">The kind.</typeparam>
public sealed record ReconciliationResult<TEntity>
    where TEntity : IKubernetesObject<V1ObjectMeta>
{
    private ReconciliationResult(TEntity entity) => Entity = entity;

    /// <summary>The object as the reconciliation left it.</summary>
    public TEntity Entity { get; }

    /// <summary>Whether it succeeded.</summary>
    [MemberNotNullWhen(false, nameof(ErrorMessage))]
    public bool IsSuccess { get; private init; }

    /// <summary>What went wrong.</summary>
    public string? ErrorMessage { get; private init; }

    /// <summary>The cause of what went wrong.</summary>
    public Exception? Error { get; private init; }

    /// <summary>When to reconcile again without an event.</summary>
    public TimeSpan? RequeueAfter { get; set; }

    /// <summary>A reconciliation that did its work.</summary>
    public static ReconciliationResult<TEntity> Success(TEntity entity, TimeSpan? requeueAfter = null) =>
        new(entity) { IsSuccess = true, RequeueAfter = requeueAfter };

    /// <summary>A reconciliation that failed.</summary>
    public static ReconciliationResult<TEntity> Failure(
        TEntity entity, string errorMessage, Exception? error = null, TimeSpan? requeueAfter = null) =>
        new(entity) { ErrorMessage = errorMessage, Error = error, RequeueAfter = requeueAfter };
}
