using System.Text.Json.Nodes;
using KubeApi.Cluster.Kubelets;
using KubeApi.Json;
using KubeApi.Storage;

namespace KubeApi.Cluster.Scheduling;

/// <summary>Binds pods to the first node that has room; what fits nowhere stays Pending and says why.</summary>
internal sealed class Scheduler(ClusterClient client, ClusterView view) : IController
{
    private readonly SortedDictionary<string, JsonObject> _nodes = new(StringComparer.Ordinal);
    private readonly PodEvents _events = new(client, "default-scheduler");

    public IEnumerable<ObjectId> Affected(Change change)
    {
        if (change.Collection == "nodes")
        {
            _nodes.Remove(change.Key.Name);
            if (change.Kind != ChangeKind.Deleted)
                _nodes[change.Key.Name] = change.After.Document();
        }

        if (change.Collection == "pods" && change.Kind == ChangeKind.Added)
            return [new ObjectId("pods", change.Key)];
        // Room may have come: a node, a volume, or the end of a pod.
        var room = change.Collection is "nodes" or "persistentvolumeclaims" || (change.Collection == "pods"
            && (change.Kind == ChangeKind.Deleted || change.After.Fields.GetValueOrDefault("status.phase") is "Succeeded" or "Failed"));
        return room ? view.UnboundPods : [];
    }

    public async Task<DateTimeOffset?> ReconcileAsync(ObjectId id)
    {
        if (client.Get(id) is not { } pod || !IsMine(pod))
            return null;
        if (MissingClaim(pod, id.Key.Namespace) is { } claim)
        {
            await ReportAsync(id, pod, $"0/{_nodes.Count} nodes are available: persistentvolumeclaim \"{claim}\" not found. {Preemption(_nodes.Count, 0)}");
            return null;
        }

        var refusals = new List<string>();
        foreach (var (name, node) in _nodes)
        {
            if (NodeFit.Refusal(pod, node, view.TakenOf(name)) is { } refusal)
            {
                refusals.Add(refusal);
                continue;
            }

            await BindAsync(id, pod, name);
            return null;
        }

        await ReportAsync(id, pod, Sentence(refusals));
        return null;
    }

    private static bool IsMine(JsonObject pod) => pod.Object("spec").Text("nodeName") is null or ""
        && (pod.Object("spec").Text("schedulerName") ?? "default-scheduler") == "default-scheduler"
        && pod.Metadata()["deletionTimestamp"] is null
        && pod.Object("status").Text("phase") is not ("Succeeded" or "Failed");

    private Task BindAsync(ObjectId id, JsonObject pod, string node) => client.PostAsync(id, "binding", new JsonObject
    {
        ["apiVersion"] = "v1",
        ["kind"] = "Binding",
        ["metadata"] = new JsonObject { ["name"] = id.Key.Name, ["namespace"] = id.Key.Namespace, ["uid"] = pod.Metadata().Text("uid") },
        ["target"] = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Node", ["name"] = node },
    });

    /// <summary>A claim of a volume that does not exist. One that does counts as bound.</summary>
    private string? MissingClaim(JsonObject pod, string space) => (pod.Object("spec").Array("volumes") ?? []).OfType<JsonObject>()
        .Select(volume => volume.Object("persistentVolumeClaim").Text("claimName")).OfType<string>()
        .FirstOrDefault(claim => !client.Exists("persistentvolumeclaims", space, claim));

    private static string Sentence(List<string> refusals)
    {
        if (refusals.Count == 0)
            return "no nodes available to schedule pods";
        var counts = refusals.GroupBy(refusal => refusal).OrderBy(group => group.Key, StringComparer.Ordinal).Select(group => $"{group.Count()} {group.Key}");
        var full = refusals.Count(refusal => refusal.StartsWith("Insufficient", StringComparison.Ordinal));
        return $"0/{refusals.Count} nodes are available: {string.Join(", ", counts)}. {Preemption(refusals.Count, full)}";
    }

    /// <summary>Nobody is preempted here: on full nodes there is no victim, and on others it would not help.</summary>
    private static string Preemption(int nodes, int full)
    {
        var helpless = nodes - full;
        string[] counts = [.. full > 0 ? [$"{full} No preemption victims found for incoming pod"] : (string[])[], .. helpless > 0 ? [$"{helpless} Preemption is not helpful for scheduling"] : (string[])[]];
        return $"preemption: 0/{nodes} nodes are available: {string.Join(", ", counts)}.";
    }

    private async Task ReportAsync(ObjectId id, JsonObject pod, string message)
    {
        var before = pod.Copy();
        pod.Child("status")["phase"] ??= "Pending";
        PodStatusWriter.SetCondition(pod.Child("status"), "PodScheduled", false, "Unschedulable", message, client.Server.Now);
        if (pod.SameAs(before))
            return;
        await client.UpdateStatusAsync(id, pod);
        await _events.RecordAsync(id, pod.Metadata().Text("uid")!, "Warning", "FailedScheduling", message);
    }
}
