using System.Text.Json.Serialization;
using k8s;
using k8s.Models;

namespace KubeOps.Abstractions.Entities;

/// <summary>An object of a custom kind.</summary>
public abstract class CustomKubernetesEntity : KubernetesObject, IKubernetesObject<V1ObjectMeta>
{
    /// <summary>Name, namespace, labels, versions.</summary>
    [JsonPropertyName("metadata")]
    public V1ObjectMeta Metadata { get; set; } = new();
}
