using System.Text.Json.Nodes;
using KubeApi.Json;
using KubeApi.Storage;

namespace KubeApi.Cluster.Namespaces;

/// <summary>Empties a namespace that is being deleted, says what is left, and lets it go when nothing is.</summary>
internal sealed class NamespaceController(ClusterClient client, ClusterView view) : IController
{
    public IEnumerable<ObjectId> Affected(Change change)
    {
        var space = new ObjectId("namespaces", change.Collection == "namespaces" ? change.Key : new ObjectKey("", change.Key.Namespace));
        return view.Find(space) is { Deleting: true } ? [space] : [];
    }

    public async Task<DateTimeOffset?> ReconcileAsync(ObjectId id)
    {
        if (client.Get(id) is not { } space || space.Metadata()["deletionTimestamp"] is null)
            return null;
        foreach (var content in view.In(id.Key.Name))
        {
            if (view.Find(content) is { Deleting: false } seen && client.Stored(content) is not null)
                await client.DeleteAsync(content, seen.Uid);
        }

        var left = view.In(id.Key.Name).Select(content => (content.Collection, Document: client.Get(content))).Where(item => item.Document is not null).ToList();
        if (left.Count > 0)
        {
            await ReportAsync(id, space, [.. left.Select(item => (item.Collection, item.Document!))]);
            return null;
        }

        space.Child("spec")["finalizers"] = new JsonArray();
        await client.UpdateAsync(id, space, "finalize");
        return null;
    }

    private async Task ReportAsync(ObjectId id, JsonObject space, List<(string Collection, JsonObject Document)> left)
    {
        var kinds = left.GroupBy(item => item.Collection).OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => $"{(group.Key.Contains('.', StringComparison.Ordinal) ? group.Key : group.Key + ".")} has {group.Count()} resource instances");
        var finalizers = left.SelectMany(item => item.Document.Metadata().Array("finalizers") ?? []).GroupBy(item => item!.ToString())
            .OrderBy(group => group.Key, StringComparer.Ordinal).Select(group => $"{group.Key} in {group.Count()} resource instances").ToList();
        var before = space.Copy();
        var status = space.Child("status");
        Set(status, "NamespaceDeletionDiscoveryFailure", false, "ResourcesDiscovered", "All resources successfully discovered");
        Set(status, "NamespaceDeletionGroupVersionParsingFailure", false, "ParsedGroupVersions", "All legacy kube types successfully parsed");
        Set(status, "NamespaceDeletionContentFailure", false, "ContentDeleted", "All content successfully deleted, may be waiting on finalization");
        Set(status, "NamespaceContentRemaining", true, "SomeResourcesRemain", $"Some resources are remaining: {string.Join(", ", kinds)}");
        if (finalizers.Count > 0)
            Set(status, "NamespaceFinalizersRemaining", true, "SomeFinalizersRemain", $"Some content in the namespace has finalizers remaining: {string.Join(", ", finalizers)}");
        else
            Set(status, "NamespaceFinalizersRemaining", false, "ContentHasNoFinalizers", "All content-preserving finalizers finished");
        if (!space.SameAs(before))
            await client.UpdateStatusAsync(id, space);
    }

    private void Set(JsonObject status, string type, bool value, string reason, string message)
    {
        if (status["conditions"] is not JsonArray conditions)
            status["conditions"] = conditions = [];
        var known = conditions.OfType<JsonObject>().FirstOrDefault(condition => condition.Text("type") == type);
        if (known is null)
            conditions.Add(known = new JsonObject { ["type"] = type });
        var text = value ? "True" : "False";
        if (known.Text("status") != text)
            known["lastTransitionTime"] = client.Server.Now;
        known["status"] = text;
        known["reason"] = reason;
        known["message"] = message;
    }
}
