using System.Text.Json.Serialization;
using k8s.Models;

namespace KubeOps.Abstractions.Entities;

/// <summary>An object of a custom kind with a specification.</summary>
/// <typeparam name="TSpec">What users write.</typeparam>
public abstract class CustomKubernetesEntity<TSpec> : CustomKubernetesEntity, ISpec<TSpec>
    where TSpec : new()
{
    /// <summary>What users write.</summary>
    [JsonPropertyName("spec")]
    public TSpec Spec { get; set; } = new();
}
