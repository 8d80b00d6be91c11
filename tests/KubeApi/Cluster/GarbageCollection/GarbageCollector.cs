using System.Text.Json.Nodes;
using KubeApi.Json;
using KubeApi.Storage;

namespace KubeApi.Cluster.GarbageCollection;

/// <summary>
/// Collects objects whose owners are all gone, and finishes the deletions that wait for dependants: foregroundDeletion deletes them first,
/// orphan lets them go.
/// </summary>
internal sealed class GarbageCollector(ClusterClient client, ClusterView view) : IController
{
    private const string Foreground = "foregroundDeletion";
    private const string Orphan = "orphan";

    public IEnumerable<ObjectId> Affected(Change change)
    {
        var id = new ObjectId(change.Collection, change.Key);
        if (change.Kind == ChangeKind.Deleted)
        {
            // Those that lost an owner, and the owners that waited for this one.
            var owners = (change.After.Document().Metadata().Array("ownerReferences") ?? []).Select(owner => view.FindByUid((owner as JsonObject).Text("uid") ?? ""));
            return [.. view.DependentsOf(change.After.Uid), .. owners.OfType<ObjectId>()];
        }

        var seen = view.Find(id);
        return seen is not null && (seen.Deleting || IsGarbage(seen)) ? [id] : [];
    }

    public async Task<DateTimeOffset?> ReconcileAsync(ObjectId id)
    {
        if (client.Get(id) is not { } document || view.Find(id) is not { } seen)
            return null;
        var finalizers = (document.Metadata().Array("finalizers") ?? []).Select(item => item!.ToString()).ToList();
        if (seen.Deleting && finalizers.Contains(Orphan))
            await OrphanAsync(id, seen.Uid);
        else if (seen.Deleting && finalizers.Contains(Foreground))
            await ForegroundAsync(id, seen.Uid);
        else if (!seen.Deleting && IsGarbage(seen))
            await client.DeleteAsync(id, seen.Uid);
        return null;
    }

    private bool IsGarbage(Seen seen) => seen.Owners.Count > 0 && !seen.Owners.Any(owner => view.Exists(owner.Uid));

    private async Task OrphanAsync(ObjectId id, string uid)
    {
        foreach (var dependent in view.DependentsOf(uid))
        {
            if (client.Get(dependent) is not { } document)
                continue;
            var metadata = document.Metadata();
            var rest = (metadata.Array("ownerReferences") ?? []).OfType<JsonObject>().Where(owner => owner.Text("uid") != uid).Select(owner => (JsonNode)owner.Copy()).ToArray();
            JsonArray? left = rest.Length == 0 ? null : [.. rest];
            await client.PatchMetadataAsync(
                dependent,
                new() { ["ownerReferences"] = left, ["resourceVersion"] = metadata.Text("resourceVersion") },
                metadata.Text("uid")!);
        }

        await client.RemoveFinalizerAsync(id, Orphan);
    }

    private async Task ForegroundAsync(ObjectId id, string uid)
    {
        var waits = false;
        foreach (var dependent in view.DependentsOf(uid))
        {
            if (view.Find(dependent) is not { } seen || client.Stored(dependent) is null)
                continue;
            if (!seen.Deleting && seen.Owners.All(owner => owner.Uid == uid || !view.Exists(owner.Uid)))
                await client.DeleteAsync(dependent, seen.Uid, "Foreground");
            waits |= seen.Owners.Any(owner => owner.Uid == uid && owner.Blocks) && client.Stored(dependent) is not null;
        }

        if (!waits)
            await client.RemoveFinalizerAsync(id, Foreground);
    }
}
