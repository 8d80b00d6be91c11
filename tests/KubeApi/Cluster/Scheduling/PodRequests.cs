using System.Text.Json.Nodes;
using k8s.Models;
using KubeApi.Json;

namespace KubeApi.Cluster.Scheduling;

/// <summary>What a pod asks of a node: the sum over its containers.</summary>
internal static class PodRequests
{
    public static Dictionary<string, decimal> Of(JsonObject pod)
    {
        var sums = new Dictionary<string, decimal>(StringComparer.Ordinal);
        foreach (var container in (pod.Object("spec").Array("containers") ?? []).OfType<JsonObject>())
        {
            var requests = container.Object("resources").Object("requests");
            foreach (var (resource, value) in requests ?? [])
                Add(sums, resource, value);
            foreach (var (resource, value) in container.Object("resources").Object("limits") ?? [])
            {
                if (requests?[resource] is null)
                    Add(sums, resource, value);
            }
        }

        return sums;
    }

    public static decimal Quantity(JsonNode? value) => value is null ? 0 : new ResourceQuantity(value.ToString()).ToDecimal();

    private static void Add(Dictionary<string, decimal> sums, string resource, JsonNode? value) =>
        sums[resource] = sums.GetValueOrDefault(resource) + Quantity(value);
}
