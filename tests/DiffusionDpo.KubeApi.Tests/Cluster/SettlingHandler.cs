using KubeApi.Cluster;

namespace DiffusionDpo.KubeApi.Tests.Cluster;

/// <summary>Between two requests of a client the cluster does all it has to do, as it would if the client were slow.</summary>
internal sealed class SettlingHandler(HttpMessageHandler inner, FakeCluster cluster) : DelegatingHandler(inner)
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        await cluster.SettleAsync();
        var response = await base.SendAsync(request, cancellationToken);
        await cluster.SettleAsync();
        return response;
    }
}
