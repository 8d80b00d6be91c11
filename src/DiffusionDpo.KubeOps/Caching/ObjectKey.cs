using k8s.Models;

namespace DiffusionDpo.KubeOps.Caching;

/// <summary>Where an object is among those of its kind.</summary>
/// <param name="Namespace">Its namespace; empty for cluster-scoped kinds.</param>
/// <param name="Name">Its name.</param>
public readonly record struct ObjectKey(string Namespace, string Name)
{
    /// <summary>The key of an object.</summary>
    public static ObjectKey Of(IMetadata<V1ObjectMeta> item) => new(item.Metadata.NamespaceProperty ?? "", item.Metadata.Name);

    /// <summary>namespace/name.</summary>
    public override string ToString() => Namespace.Length > 0 ? $"{Namespace}/{Name}" : Name;
}
