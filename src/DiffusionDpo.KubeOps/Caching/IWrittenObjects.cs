using k8s;
using k8s.Models;

namespace DiffusionDpo.KubeOps.Caching;

/// <summary>Takes what writes answer, so that no reconciliation sees less than this process wrote.</summary>
internal interface IWrittenObjects
{
    /// <summary>Puts an object into the caches of its kind, unless they are further already.</summary>
    void Observe(IKubernetesObject<V1ObjectMeta> item);
}
