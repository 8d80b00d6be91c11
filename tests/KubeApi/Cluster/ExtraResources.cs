using k8s.Models;
using KubeApi.Resources;

namespace KubeApi.Cluster;

/// <summary>Resources that only the cluster's own controllers need.</summary>
internal static class ExtraResources
{
    public static void Serve(ApiServer server)
    {
        if (server.Resources.Find("discovery.k8s.io", "v1", "endpointslices") is not null)
            return;
        server.Resources.Serve(new ResourceType
        {
            Group = "discovery.k8s.io",
            Version = "v1",
            Kind = "EndpointSlice",
            Plural = "endpointslices",
            Singular = "endpointslice",
            Strategy = new BuiltinStrategy(typeof(V1EndpointSlice)),
        });
    }
}
