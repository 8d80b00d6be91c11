using System.Text.Json.Nodes;
using KubeApi.Cluster.Kubelets;
using KubeApi.Json;
using KubeApi.Storage;

namespace KubeApi.Cluster.Nodes;

/// <summary>Ends pods that no kubelet will ever end: those of a node that is gone, and those that were deleted before a node had them.</summary>
internal sealed class PodCollector(ClusterClient client, ClusterView view) : IController
{
    public IEnumerable<ObjectId> Affected(Change change) => change switch
    {
        { Collection: "nodes", Kind: ChangeKind.Deleted } => view.PodsOn(change.Key.Name),
        { Collection: "pods", Kind: ChangeKind.Modified } when view.Find(new ObjectId("pods", change.Key)) is { Deleting: true, Node.Length: 0 } pod => [pod.Id],
        _ => [],
    };

    public async Task<DateTimeOffset?> ReconcileAsync(ObjectId id)
    {
        if (client.Get(id) is not { } pod || !IsLost(pod))
            return null;
        if (pod.Object("status").Text("phase") is not ("Succeeded" or "Failed"))
        {
            pod.Child("status")["phase"] = "Failed";
            if (Node(pod).Length > 0)
                PodStatusWriter.SetCondition(pod.Child("status"), "DisruptionTarget", true, "DeletionByPodGC", "PodGC: node no longer exists", client.Server.Now);
            await client.UpdateStatusAsync(id, pod);
        }

        await client.DeleteAsync(id, pod.Metadata().Text("uid")!, grace: 0);
        return null;
    }

    private bool IsLost(JsonObject pod) => Node(pod) is { Length: > 0 } node ? !client.Exists("nodes", "", node) : pod.Metadata()["deletionTimestamp"] is not null;

    private static string Node(JsonObject pod) => pod.Object("spec").Text("nodeName") ?? "";
}
