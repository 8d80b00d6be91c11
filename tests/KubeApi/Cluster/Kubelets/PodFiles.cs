using System.Text;
using KubeApi.Json;
using KubeApi.Storage;

namespace KubeApi.Cluster.Kubelets;

/// <summary>What a pod may take from the ConfigMaps and Secrets of its namespace.</summary>
public sealed class PodFiles(ObjectStore store, string space)
{
    public IReadOnlyDictionary<string, byte[]>? ConfigMap(string name) => Read("configmaps", name, "data", Encoding.UTF8.GetBytes);

    public IReadOnlyDictionary<string, byte[]>? Secret(string name) => Read("secrets", name, "data", Convert.FromBase64String);

    private Dictionary<string, byte[]>? Read(string collection, string name, string field, Func<string, byte[]> decode) =>
        store.Get(collection, new ObjectKey(space, name))?.Document() is { } found
            ? (found.Object(field) ?? []).ToDictionary(entry => entry.Key, entry => decode(entry.Value?.ToString() ?? ""), StringComparer.Ordinal)
            : null;
}
