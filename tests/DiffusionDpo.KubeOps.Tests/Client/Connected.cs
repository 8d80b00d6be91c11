using DiffusionDpo.KubeOps.Caching;
using DiffusionDpo.KubeOps.Client;
using k8s;
using k8s.Models;

namespace DiffusionDpo.KubeOps.Tests.Client;

/// <summary>A client on a server, and what it told the caches.</summary>
internal sealed class Connected : IWrittenObjects, IDisposable
{
    private readonly ApiConnection _connection;

    public Connected(string host, Func<HttpMessageHandler>? transport, WriteFence? fence = null, TimeProvider? time = null, double requestsPerSecond = 100)
    {
        time ??= TimeProvider.System;
        var options = new ApiConnectionOptions
        {
            Configuration = new KubernetesClientConfiguration { Host = host },
            Transport = transport,
            RequestsPerSecond = requestsPerSecond,
            Burst = (int)Math.Max(1, requestsPerSecond),
        };
        _connection = new ApiConnection(options, new ClientMetrics(Prometheus.Metrics.NewCustomRegistry()), time);
        Client = new ApiClient(_connection, this, () => fence ?? WriteFence.None, "tests", TimeSpan.FromSeconds(20), time);
    }

    public ApiClient Client { get; }

    public List<IKubernetesObject<V1ObjectMeta>> Written { get; } = [];

    public List<string> Gone { get; } = [];

    public void Observe(IKubernetesObject<V1ObjectMeta> item) => Written.Add(item);

    public void ObserveGone<T>(ObjectKey key, string uid) => Gone.Add($"{typeof(T).Name} {key} {uid}");

    public void Dispose() => _connection.Dispose();

    public static V1ConfigMap Map(string name, string value = "1") => new()
    {
        Metadata = new V1ObjectMeta { Name = name, NamespaceProperty = "default" },
        Data = new Dictionary<string, string> { ["key"] = value },
    };
}
