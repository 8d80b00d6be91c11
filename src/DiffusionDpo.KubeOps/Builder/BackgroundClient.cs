using DiffusionDpo.KubeOps.Caching;
using DiffusionDpo.KubeOps.Client;
using k8s;
using k8s.Models;

namespace DiffusionDpo.KubeOps.Builder;

/// <summary>
/// A client for Leases and events. It has a connection and a rate limit of its own: a leader that could not renew because its controllers are
/// busy would lose its work for it. It is not fenced, since it writes nothing that two processes could disagree about.
/// </summary>
internal sealed class BackgroundClient : IDisposable
{
    private readonly ApiConnection _connection;

    /// <summary>Connects; nothing is sent yet.</summary>
    public BackgroundClient(OperatorSettings settings, ClientMetrics metrics, TimeProvider time)
    {
        _connection = new ApiConnection(settings.Connection, metrics, time);
        Client = new ApiClient(_connection, new Nowhere(), () => WriteFence.None, settings.Name, settings.Connection.RequestTimeout, time);
    }

    /// <summary>The client.</summary>
    public IApiClient Client { get; }

    /// <inheritdoc/>
    public void Dispose() => _connection.Dispose();

    private sealed class Nowhere : IWrittenObjects
    {
        public void Observe(IKubernetesObject<V1ObjectMeta> item)
        {
            // No cache holds Leases or events.
        }

        public void ObserveGone<T>(ObjectKey key, string uid)
        {
            // The same.
        }
    }
}
