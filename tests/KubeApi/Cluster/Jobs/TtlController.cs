using System.Globalization;
using System.Text.Json.Nodes;
using KubeApi.Json;
using KubeApi.Storage;

namespace KubeApi.Cluster.Jobs;

/// <summary>Deletes finished Jobs after ttlSecondsAfterFinished, their pods first.</summary>
internal sealed class TtlController(ClusterClient client) : IController
{
    public IEnumerable<ObjectId> Affected(Change change) => change.Collection == "jobs.batch" ? [new ObjectId(change.Collection, change.Key)] : [];

    public async Task<DateTimeOffset?> ReconcileAsync(ObjectId id)
    {
        if (client.Get(id) is not { } job || job.Metadata()["deletionTimestamp"] is not null)
            return null;
        if (job.Object("spec").Integer("ttlSecondsAfterFinished") is not { } seconds || Finished(job) is not { } finished)
            return null;
        var due = finished.AddSeconds(seconds);
        if (due > client.Server.Time.GetUtcNow())
            return due;
        await client.DeleteAsync(id, job.Metadata().Text("uid")!, "Foreground");
        return null;
    }

    private static DateTimeOffset? Finished(JsonObject job)
    {
        var end = (job.Object("status").Array("conditions") ?? []).OfType<JsonObject>()
            .FirstOrDefault(condition => condition.Text("type") is "Complete" or "Failed" && condition.Text("status") == "True");
        return end.Text("lastTransitionTime") is { } time ? DateTimeOffset.Parse(time, CultureInfo.InvariantCulture) : null;
    }
}
