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
            return change.Kind == ChangeKind.Deleted ? view.DependentsOf(change.After.Uid).Where(dependent => dependent.Collection == "pods") : [id];
        if (change.Collection != "pods" || !change.After.Labels.TryGetValue("batch.kubernetes.io/job-name", out var name))
            return [];
        var job = new ObjectId(Jobs, change.Key with { Name = name });
        // A pod whose Job is gone: its finalizer has to go as well.
        return IsOrphan(id) ? [job, id] : [job];
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
        if (!IsOrphan(id))
            return;
        await client.RemoveFinalizerAsync(id, JobPod.Tracking);
    }

    private bool IsOrphan(ObjectId id) => view.Find(id) is { } seen && !seen.Owners.Any(owner => owner.Controls && view.Exists(owner.Uid));
}
