using System.Net;
using System.Text.RegularExpressions;
using DiffusionDpo.KubeOps.Caching;
using DiffusionDpo.KubeOps.Client;
using k8s;
using k8s.Models;

namespace DiffusionDpo.KubeOps.Tests.Faking;

/// <summary>What an API server does with Leases and Events: stores what came over the wire, with optimistic concurrency and its rule for MicroTime.</summary>
internal sealed partial class FakeApiServer
{
    private readonly Dictionary<(Type, ObjectKey), string> _stored = [];
    private int _version;

    /// <summary>Hears of each write once it is done.</summary>
    public event Action<IKubernetesObject<V1ObjectMeta>>? Written;

    public int Writes { get; private set; }

    public T? Get<T>(ObjectKey key)
        where T : class, IKubernetesObject<V1ObjectMeta> => _stored.TryGetValue((typeof(T), key), out var json) ? KubernetesJson.Deserialize<T>(json) : null;

    public IReadOnlyList<T> List<T>() => [.. _stored.Where(pair => pair.Key.Item1 == typeof(T)).Select(pair => KubernetesJson.Deserialize<T>(pair.Value))];

    public T Create<T>(T item)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        if (_stored.ContainsKey((typeof(T), ObjectKey.Of(item)))) throw new ApiException(HttpStatusCode.Conflict, "AlreadyExists", "already exists");
        return Store(item);
    }

    public T Replace<T>(T item)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        if (item.Metadata.ResourceVersion is null) throw new ApiException(HttpStatusCode.UnprocessableEntity, "Invalid", "must be specified for an update");
        if (Get<T>(ObjectKey.Of(item)) is not { } now) throw new ApiException(HttpStatusCode.NotFound, "NotFound", "not found");
        if (now.Metadata.ResourceVersion != item.Metadata.ResourceVersion) throw new ApiException(HttpStatusCode.Conflict, "Conflict", "modified");
        return Store(item);
    }

    public void Delete<T>(ObjectKey key) => _stored.Remove((typeof(T), key));

    private T Store<T>(T item)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var copy = KubernetesJson.Deserialize<T>(Checked(KubernetesJson.Serialize(item)));
        copy.Metadata.ResourceVersion = $"{++_version}";
        _stored[(typeof(T), ObjectKey.Of(copy))] = KubernetesJson.Serialize(copy).Replace("\"creationTimestamp\":null,", "", StringComparison.Ordinal);
        Writes++;
        Written?.Invoke(copy);
        return Get<T>(ObjectKey.Of(copy))!;
    }

    private static string Checked(string json) => OddTime().IsMatch(json) ? throw new ApiException(HttpStatusCode.BadRequest, "BadRequest", $"cannot parse time: {json}") : json;

    [GeneratedRegex("""
        "(renewTime|acquireTime|eventTime|lastObservedTime)":"(?!\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
        """)]
    private static partial Regex OddTime();
}
