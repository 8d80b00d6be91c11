using System.Text.Json.Nodes;
using k8s.Models;
using KubeApi.Json;

namespace KubeApi.Cluster.Scheduling;

/// <summary>Whether a pod may go to a node, and in the scheduler's words why not.</summary>
internal static class NodeFit
{
    public static string? Refusal(JsonObject pod, JsonObject node, IReadOnlyList<JsonObject> bound)
    {
        if (node.Object("spec").Flag("unschedulable") == true)
            return "node(s) were unschedulable";
        if (Untolerated(pod, node) is { } taint)
            return $"node(s) had untolerated taint {{{taint.Text("key")}: {taint.Text("value")}}}";
        var labels = node.Metadata().Object("labels") ?? [];
        if ((pod.Object("spec").Object("nodeSelector") ?? []).Any(wanted => labels.Text(wanted.Key) != wanted.Value?.ToString()))
            return "node(s) didn't match Pod's node affinity/selector";
        return Insufficient(pod, node, bound);
    }

    private static JsonObject? Untolerated(JsonObject pod, JsonObject node) => (node.Object("spec").Array("taints") ?? []).OfType<JsonObject>()
        .FirstOrDefault(taint => taint.Text("effect") is "NoSchedule" or "NoExecute"
            && !(pod.Object("spec").Array("tolerations") ?? []).OfType<JsonObject>().Any(toleration => Tolerates(toleration, taint)));

    private static bool Tolerates(JsonObject toleration, JsonObject taint)
    {
        if (toleration.Text("effect") is { Length: > 0 } effect && effect != taint.Text("effect"))
            return false;
        if (toleration.Text("key") is { Length: > 0 } key && key != taint.Text("key"))
            return false;
        return toleration.Text("operator") == "Exists" || (toleration.Text("value") ?? "") == (taint.Text("value") ?? "");
    }

    private static string? Insufficient(JsonObject pod, JsonObject node, IReadOnlyList<JsonObject> bound)
    {
        var allocatable = node.Object("status").Object("allocatable") ?? [];
        foreach (var (resource, wanted) in Requests(pod))
        {
            // Nodes that do not say how much they have have enough of what every machine has, and nothing else.
            var common = resource is "cpu" or "memory" or "ephemeral-storage";
            if (allocatable[resource] is null && common)
                continue;
            var free = Quantity(allocatable[resource]) - bound.Sum(other => Requests(other).GetValueOrDefault(resource));
            if (wanted > free)
                return $"Insufficient {resource}";
        }

        return null;
    }

    private static Dictionary<string, decimal> Requests(JsonObject pod)
    {
        var sums = new Dictionary<string, decimal>(StringComparer.Ordinal);
        foreach (var container in (pod.Object("spec").Array("containers") ?? []).OfType<JsonObject>())
        {
            var resources = container.Object("resources");
            var requests = (resources.Object("limits") ?? []).Concat(resources.Object("requests") ?? []).ToLookup(entry => entry.Key, entry => entry.Value);
            foreach (var entry in requests)
                sums[entry.Key] = sums.GetValueOrDefault(entry.Key) + Quantity(entry.Last());
        }

        return sums;
    }

    private static decimal Quantity(JsonNode? value) => value is null ? 0 : new ResourceQuantity(value.ToString()).ToDecimal();
}
