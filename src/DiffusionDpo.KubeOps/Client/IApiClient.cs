using DiffusionDpo.KubeOps.Caching;
using k8s;
using k8s.Models;

namespace DiffusionDpo.KubeOps.Client;

/// <summary>
/// Reads and writes of controllers: rate limited, retried where that is safe, measured. What a write answers is in the caches when the call
/// returns.
/// </summary>
public interface IApiClient
{
    /// <summary>An object as the API server has it now; null where there is none.</summary>
    /// <exception cref="ApiException">The API server refused.</exception>
    Task<T?> GetAsync<T>(ObjectKey key, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta>;

    /// <summary>The objects of a namespace as the API server has them now.</summary>
    /// <param name="ns">The namespace.</param>
    /// <param name="labelSelector">Which of them: few, since all of them come at once.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="ApiException">The API server refused.</exception>
    Task<IReadOnlyList<T>> ListAsync<T>(string ns, string labelSelector, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta>;

    /// <summary>Creates an object.</summary>
    /// <exception cref="ApiException">The API server refused; <see cref="ApiException.IsConflict"/> where one of that name exists.</exception>
    Task<T> CreateAsync<T>(T item, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta>;

    /// <summary>Replaces an object; its resourceVersion is a precondition.</summary>
    /// <exception cref="ApiException">The API server refused; <see cref="ApiException.IsConflict"/> where it has changed since.</exception>
    Task<T> ReplaceAsync<T>(T item, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta>;

    /// <summary>Server-side apply with this operator's field manager, taking fields over from others.</summary>
    /// <param name="item">The fields that this operator wants; a resourceVersion is a precondition.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="ApiException">The API server refused.</exception>
    Task<T> ApplyAsync<T>(T item, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta>;

    /// <summary>The same for an entity's status, and nothing else of it. Its resourceVersion is a precondition.</summary>
    /// <exception cref="ApiException">The API server refused; <see cref="ApiException.IsConflict"/> where the entity has changed since.</exception>
    Task<T> ApplyStatusAsync<T>(T entity, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta>;

    /// <summary>Deletes an object.</summary>
    /// <returns>False where there is none.</returns>
    /// <exception cref="ApiException">The API server refused.</exception>
    Task<bool> DeleteAsync<T>(ObjectKey key, Deletion how, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta>;
}
