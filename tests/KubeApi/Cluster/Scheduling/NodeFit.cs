using System.Text.Json.Nodes;
using KubeApi.Json;

namespace KubeApi.Cluster.Scheduling;

/// <summary>Whether a pod may go to a node, and in the scheduler's words why not.</summary>
internal static class NodeFit
{
    public static string? Refusal(JsonObject pod, JsonObject node, IReadOnlyDictionary<string, decimal> taken)
    {
        if (node.Object("spec").Flag("unschedulable") == true)
            return "node(s) were unschedulable";
        if (Untolerated(pod, node) is { } taint)
            return $"node(s) had untolerated taint {{{taint.Text("key")}: {taint.Text("value")}}}";
        var labels = node.Metadata().Object("labels") ?? [];
        if ((pod.Object("spec").Object("nodeSelector") ?? []).Any(wanted => labels.Text(wanted.Key) != wanted.Value?.ToString()))
            return "node(s) didn't match Pod's node affinity/selector";
        return Insufficient(pod, node, taken);
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

    private static string? Insufficient(JsonObject pod, JsonObject node, IReadOnlyDictionary<string, decimal> taken)
    {
        var allocatable = node.Object("status").Object("allocatable") ?? [];
        foreach (var (resource, wanted) in PodRequests.Of(pod))
        {
            // Nodes that do not say how much they have have enough of what every machine has, and nothing else.
            var common = resource is "cpu" or "memory" or "ephemeral-storage";
            if (allocatable[resource] is null && common)
                continue;
            var free = PodRequests.Quantity(allocatable[resource]) - taken.GetValueOrDefault(resource);
            if (wanted > free)
                return $"Insufficient {resource}";
        }

        return null;
    }
}
