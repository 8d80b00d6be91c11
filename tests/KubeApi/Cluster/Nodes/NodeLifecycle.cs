using System.Text.Json.Nodes;
using KubeApi.Cluster.Kubelets;
using KubeApi.Json;
using KubeApi.Storage;

namespace KubeApi.Cluster.Nodes;

/// <summary>
/// Nodes that report are Ready. One that falls silent is Unknown and tainted after a while, its pods are not ready, and those that do not
/// tolerate that are marked as disrupted and deleted; they stay until the node is back or someone deletes them by force.
/// </summary>
internal sealed class NodeLifecycle(ClusterClient client, ClusterView view, NodeSet nodes, FakeClusterOptions options) : IController
{
    private const string Unreachable = "node.kubernetes.io/unreachable";

    public IEnumerable<ObjectId> Affected(Change change) => change.Collection switch
    {
        "nodes" => [new ObjectId("nodes", change.Key)],
        "pods" when change.Kind != ChangeKind.Deleted && change.After.Fields.TryGetValue("spec.nodeName", out var node) && !nodes.IsAlive(node) =>
            [new ObjectId("nodes", new ObjectKey("", node))],
        _ => [],
    };

    public async Task<DateTimeOffset?> ReconcileAsync(ObjectId id)
    {
        if (client.Get(id) is not { } node)
            return null;
        if (nodes.LostAt(id.Key.Name) is not { } lost)
        {
            await ReportAsync(id, node, "True", "KubeletReady", "kubelet is posting ready status");
            return null;
        }

        var silent = lost + options.NodeGracePeriod;
        if (client.Server.Time.GetUtcNow() < silent)
            return silent;
        await ReportAsync(id, node, "Unknown", "NodeStatusUnknown", "Kubelet stopped posting node status.");
        return await EvictAsync(id.Key.Name, silent);
    }

    private async Task ReportAsync(ObjectId id, JsonObject node, string value, string reason, string message)
    {
        var before = node.Copy();
        var status = node.Child("status");
        if (status["conditions"] is not JsonArray conditions)
            status["conditions"] = conditions = [];
        var ready = conditions.OfType<JsonObject>().FirstOrDefault(condition => condition.Text("type") == "Ready");
        if (ready is null)
            conditions.Add(ready = new JsonObject { ["type"] = "Ready" });
        if (ready.Text("status") != value)
            ready["lastTransitionTime"] = client.Server.Now;
        ready["status"] = value;
        ready["reason"] = reason;
        ready["message"] = message;
        if (!node.SameAs(before))
            node = await client.UpdateStatusAsync(id, node);
        await TaintAsync(id, node, value != "True");
    }

    private async Task TaintAsync(ObjectId id, JsonObject node, bool tainted)
    {
        var taints = (node.Object("spec").Array("taints") ?? []).OfType<JsonObject>().ToList();
        if (taints.Any(taint => taint.Text("key") == Unreachable) == tainted)
            return;
        var rest = taints.Where(taint => taint.Text("key") != Unreachable).Select(taint => (JsonNode)taint.Copy()).ToList();
        if (tainted)
        {
            foreach (var effect in (string[])["NoSchedule", "NoExecute"])
                rest.Add(new JsonObject { ["key"] = Unreachable, ["effect"] = effect, ["timeAdded"] = client.Server.Now });
        }

        var next = node.Copy();
        next.Child("spec").Assign("taints", rest.Count == 0 ? null : new JsonArray([.. rest]));
        await client.UpdateAsync(id, next);
    }

    private async Task<DateTimeOffset?> EvictAsync(string name, DateTimeOffset silent)
    {
        DateTimeOffset? next = null;
        foreach (var id in view.PodsOn(name))
        {
            if (client.Get(id) is not { } pod || pod.Object("status").Text("phase") is "Succeeded" or "Failed" || pod.Metadata()["deletionTimestamp"] is not null)
                continue;
            var before = pod.Copy();
            PodStatusWriter.SetCondition(pod.Child("status"), "Ready", false, "NodeNotReady", "Node is not ready", client.Server.Now);
            if (Tolerated(pod) is not { } seconds)
                continue;
            var due = silent.AddSeconds(seconds);
            var evict = client.Server.Time.GetUtcNow() >= due;
            if (evict)
                PodStatusWriter.SetCondition(pod.Child("status"), "DisruptionTarget", true, "DeletionByTaintManager", "Taint manager: deleting due to NoExecute taint", client.Server.Now);
            if (!pod.SameAs(before))
                await client.UpdateStatusAsync(id, pod);
            if (evict)
                await client.DeleteAsync(id, pod.Metadata().Text("uid")!);
            else
                next = next is null || due < next ? due : next;
        }

        return next;
    }

    /// <summary>Seconds a pod stays on an unreachable node; null = for ever.</summary>
    private static long? Tolerated(JsonObject pod)
    {
        var toleration = (pod.Object("spec").Array("tolerations") ?? []).OfType<JsonObject>().FirstOrDefault(one =>
            one.Text("key") is null or "" or Unreachable && one.Text("effect") is null or "" or "NoExecute" && one.Text("operator") == "Exists");
        return toleration is null ? 0 : toleration.Integer("tolerationSeconds");
    }
}
