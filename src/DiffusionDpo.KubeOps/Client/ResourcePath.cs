using System.Collections.Concurrent;
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
    // Each look at an attribute makes it anew, and compiles its setters.
    private static readonly ConcurrentDictionary<Type, ResourcePath> s_known = new();

    /// <summary>The path of a kind.</summary>
    public static ResourcePath Of<T>() => s_known.GetOrAdd(typeof(T), Read);

    /// <summary>All objects of the kind, or those of a namespace.</summary>
    public string Collection(string? ns) => string.IsNullOrEmpty(ns) ? $"{Root}/{Plural}" : $"{Root}/namespaces/{Uri.EscapeDataString(ns)}/{Plural}";

    /// <summary>One object.</summary>
    public string Item(ObjectKey key) => $"{Collection(key.Namespace)}/{Uri.EscapeDataString(key.Name)}";

    private static ResourcePath Read(Type kind)
    {
        var names = kind.GetCustomAttribute<KubernetesEntityAttribute>() ?? throw new ArgumentException($"{kind} has no {nameof(KubernetesEntityAttribute)}");
        var apiVersion = names.Group.Length > 0 ? $"{names.Group}/{names.ApiVersion}" : names.ApiVersion;
        return new ResourcePath(names.Group.Length > 0 ? $"/apis/{apiVersion}" : $"/api/{apiVersion}", apiVersion, names.Kind, names.PluralName);
    }
}
