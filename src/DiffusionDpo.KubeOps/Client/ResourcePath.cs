using System.Reflection;
using DiffusionDpo.KubeOps.Caching;
using k8s.Models;

namespace DiffusionDpo.KubeOps.Client;

/// <summary>Where a kind is on the API server.</summary>
/// <param name="Root">Such as /apis/batch/v1.</param>
/// <param name="ApiVersion">Such as batch/v1.</param>
/// <param name="Kind">Such as Job.</param>
/// <param name="Plural">Such as jobs.</param>
internal sealed record ResourcePath(string Root, string ApiVersion, string Kind, string Plural)
{
    /// <summary>The path of a kind.</summary>
    public static ResourcePath Of<T>()
    {
        var names = typeof(T).GetCustomAttribute<KubernetesEntityAttribute>()
            ?? throw new ArgumentException($"{typeof(T)} has no {nameof(KubernetesEntityAttribute)}");
        var apiVersion = names.Group.Length > 0 ? $"{names.Group}/{names.ApiVersion}" : names.ApiVersion;
        return new ResourcePath(names.Group.Length > 0 ? $"/apis/{apiVersion}" : $"/api/{apiVersion}", apiVersion, names.Kind, names.PluralName);
    }

    /// <summary>All objects of the kind, or those of a namespace.</summary>
    public string Collection(string? ns) => string.IsNullOrEmpty(ns) ? $"{Root}/{Plural}" : $"{Root}/namespaces/{Uri.EscapeDataString(ns)}/{Plural}";

    /// <summary>One object.</summary>
    public string Item(ObjectKey key) => $"{Collection(key.Namespace)}/{Uri.EscapeDataString(key.Name)}";
}
