using System.Net;
using DiffusionDpo.KubeOps.Caching;
using DiffusionDpo.KubeOps.Client;
using k8s;
using k8s.Models;

namespace DiffusionDpo.KubeOps.Tests.Faking;

/// <summary>One process's connection to the fake API server. Everything runs within the clock's Advance, on the test's thread.</summary>
internal sealed class FakeApiClient(FakeApiServer server, TimeProvider time) : IApiClient
{
    /// <summary>What happens to the next request.</summary>
    public Func<Fault> Faults { get; set; } = () => Fault.None;

    public int Requests { get; private set; }

    public Task<T?> GetAsync<T>(ObjectKey key, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta> => CallAsync(() => server.Get<T>(key), cancellationToken);

    public Task<IReadOnlyList<T>> ListAsync<T>(string ns, string labelSelector, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta> => throw new NotSupportedException();

    public Task<T> CreateAsync<T>(T item, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta> => CallAsync(() => server.Create(item), cancellationToken);

    public Task<T> ReplaceAsync<T>(T item, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta> => CallAsync(() => server.Replace(item), cancellationToken);

    public Task<T> ApplyAsync<T>(T item, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta> => throw new NotSupportedException();

    public Task<T> ApplyStatusAsync<T>(T entity, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta> => throw new NotSupportedException();

    public Task<bool> DeleteAsync<T>(ObjectKey key, Deletion how, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta> => throw new NotSupportedException();

    private async Task<T> CallAsync<T>(Func<T> request, CancellationToken cancellationToken)
    {
        Requests++;
        cancellationToken.ThrowIfCancellationRequested();
        var exchange = ExchangeAsync(request, Faults());
        _ = exchange.ContinueWith(gone => gone.Exception, TaskContinuationOptions.ExecuteSynchronously);
        return await exchange.WaitAsync(cancellationToken);
    }

    private async Task<T> ExchangeAsync<T>(Func<T> request, Fault fault)
    {
        if (fault.Way > TimeSpan.Zero) await Task.Delay(fault.Way, time);
        if (fault.Unreachable) throw new ApiException(null, "", "connection refused");
        var answer = request();
        if (fault.Back > TimeSpan.Zero) await Task.Delay(fault.Back, time);
        return fault.AnswerLost ? throw new ApiException(HttpStatusCode.GatewayTimeout, "Timeout", "timed out") : answer;
    }
}
