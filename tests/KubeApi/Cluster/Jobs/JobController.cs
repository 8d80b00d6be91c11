using System.Text.Json.Nodes;
using KubeApi.Json;
using KubeApi.Storage;

namespace KubeApi.Cluster.Jobs;

/// <summary>
/// Indexed Jobs as the real controller runs them: a pod per index, failures judged and counted once (by way of
/// uncountedTerminatedPods and the tracking finalizer), the target condition before the final one, which waits for the pods to end.
/// </summary>
internal sealed class JobController(ClusterClient client, ClusterView view) : IController
{
    private const string Jobs = "jobs.batch";

    public IEnumerable<ObjectId> Affected(Change change)
    {
        var id = new ObjectId(change.Collection, change.Key);
        if (change.Collection == Jobs)
            return [id];
        if (change.Collection != "pods")
            return [];
        // The pod itself too: its finalizer has to go where its Job is gone.
        var owners = (change.After.Document().Metadata().Array("ownerReferences") ?? []).OfType<JsonObject>();
        return [.. owners.Where(owner => owner.Text("kind") == "Job").Select(owner => new ObjectId(Jobs, change.Key with { Name = owner.Text("name") ?? "" })), id];
    }

    public async Task<DateTimeOffset?> ReconcileAsync(ObjectId id)
    {
        if (id.Collection == "pods")
        {
            await ReleaseOrphanAsync(id);
            return null;
        }

        if (client.Get(id) is not { } job || job.Object("spec").Text("completionMode") != "Indexed")
            return null;
        var pods = PodsOf(job);
        if (job.Metadata()["deletionTimestamp"] is not null)
        {
            foreach (var pod in pods.Where(pod => pod.Deleting || pod.Ended))
                await client.RemoveFinalizerAsync(pod.Id, JobPod.Tracking);
            return null;
        }

        return await new JobSync(client, id, job, pods).RunAsync();
    }

    private List<JobPod> PodsOf(JsonObject job) => view.DependentsOf(job.Metadata().Text("uid")!)
        .Where(id => id.Collection == "pods")
        .Select(id => (Id: id, Document: client.Get(id)))
        .Where(pod => pod.Document is not null)
        .Select(pod => new JobPod(pod.Id, pod.Document!))
        .ToList();

    private async Task ReleaseOrphanAsync(ObjectId id)
    {
        if (client.Get(id) is not { } document || !new JobPod(id, document).Tracked)
            return;
        if (view.Find(id) is not { } seen || seen.Owners.Any(owner => owner.Controls && view.Exists(owner.Uid)))
            return;
        await client.RemoveFinalizerAsync(id, JobPod.Tracking);
    }
}
