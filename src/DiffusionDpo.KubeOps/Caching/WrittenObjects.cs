using k8s;
using k8s.Models;

namespace DiffusionDpo.KubeOps.Caching;

/// <summary>Passes what writes answer to the reflectors. They are joined after the client is made, since they read through it.</summary>
internal sealed class WrittenObjects : IWrittenObjects
{
    private IReadOnlyList<IReflector> _reflectors = [];

    /// <summary>Whom to tell.</summary>
    public void Join(IEnumerable<IReflector> reflectors) => _reflectors = [.. reflectors];

    /// <inheritdoc/>
    public void Observe(IKubernetesObject<V1ObjectMeta> item)
    {
        foreach (var reflector in _reflectors) reflector.Observe(item);
    }
}
