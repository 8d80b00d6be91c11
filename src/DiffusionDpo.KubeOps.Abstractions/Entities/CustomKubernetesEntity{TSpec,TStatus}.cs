using System.Text.Json.Serialization;
using k8s.Models;

namespace KubeOps.Abstractions.Entities;

/// <summary>An object of a custom kind with a specification and a status.</summary>
/// <typeparam name="TSpec">What users write.</typeparam>
/// <typeparam name="TStatus">What the operator reports.</typeparam>
public abstract class CustomKubernetesEntity<TSpec, TStatus> : CustomKubernetesEntity<TSpec>, IStatus<TStatus>
    where TSpec : new()
    where TStatus : new()
{
    /// <summary>What the operator reports.</summary>
    [JsonPropertyName("status")]
    public TStatus Status { get; set; } = new();
}
