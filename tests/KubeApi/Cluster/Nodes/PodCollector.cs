using KubeApi.Cluster.Kubelets;
using KubeApi.Json;
using KubeApi.Storage;

namespace KubeApi.Cluster.Nodes;

/// <summary>Pods of a node that is gone: they are failed, marked as disrupted, and deleted by force.</summary>
internal sealed class PodCollector(ClusterClient client, ClusterView view) : IController
{
    public IEnumerable<ObjectId> Affected(Change change) =>
        change is { Collection: "nodes", Kind: ChangeKind.Deleted } ? view.PodsOn(change.Key.Name) : [];

    public async Task<DateTimeOffset?> ReconcileAsync(ObjectId id)
    {
        if (client.Get(id) is not { } pod || pod.Object("spec").Text("nodeName") is not { Length: > 0 } node || client.Exists("nodes", "", node))
            return null;
        if (pod.Object("status").Text("phase") is not ("Succeeded" or "Failed"))
        {
            pod.Child("status")["phase"] = "Failed";
            PodStatusWriter.SetCondition(pod.Child("status"), "DisruptionTarget", true, "DeletionByPodGC", "PodGC: node no longer exists", client.Server.Now);
            await client.UpdateStatusAsync(id, pod);
        }

        await client.DeleteAsync(id, pod.Metadata().Text("uid")!, grace: 0);
        return null;
    }
}
