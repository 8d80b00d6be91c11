using System.Text.Json.Nodes;
using KubeApi.Errors;
using KubeApi.Http;
using KubeApi.Json;
using KubeApi.Reads;
using KubeApi.Storage;

namespace KubeApi.Writes;

/// <summary>DELETE of one object or of a selection.</summary>
internal static class Deletion
{
    public static ApiResponse Delete(RequestContext context)
    {
        var options = DeleteOptions.Read(context);
        var (gone, lingering) = Delete(context, context.Stored(), options);
        return lingering is not null ? Presentation.One(context, lingering) : ApiResponse.Json(200, Success(context.Type.Group, context.Type.Plural, gone));
    }

    public static ApiResponse DeleteCollection(RequestContext context)
    {
        var options = DeleteOptions.Read(context);
        var selection = new ListOptions(context);
        var (objects, version) = context.Server.Store.List(context.Type.StoredIn);
        var chosen = objects.Values.Where(selection.Selects).ToList();
        foreach (var item in chosen)
            Delete(context, item, options);
        return Presentation.Many(context, new ListPage(chosen, version, "", null));
    }

    /// <summary>Deletes, or marks as being deleted where finalizers or a grace period hold the object.</summary>
    public static (StoredObject Gone, StoredObject? Lingering) Delete(RequestContext context, StoredObject current, DeleteOptions options)
    {
        while (true)
        {
            options.CheckPreconditions(context, current);
            var before = current.Document();
            var after = before.Copy();
            var metadata = after.Metadata();
            options.AddFinalizers(context, metadata);
            var grace = context.Type.Strategy.GracePeriod(after, options.GracePeriodSeconds);
            var held = metadata.Array("finalizers") is { Count: > 0 } || grace > 0 || context.Type.Strategy.HoldsDeletion(after);
            WriteResult result;
            StoredObject written;
            if (held)
            {
                Mark(context, after, grace);
                if (after.SameAs(before) || context.DryRun)
                    return (current, context.DryRun ? StoredObject.FreezeAsIs(current.Key, current.ResourceVersion, after) : current);
                result = context.Server.Store.Update(context.Type.StoredIn, current, after, out written);
            }
            else
            {
                if (context.DryRun)
                    return (current, null);
                result = context.Server.Store.Delete(context.Type.StoredIn, current, out written);
            }

            if (result == WriteResult.Written)
            {
                context.Type.Strategy.Written(context.Server, new Change(context.Type.StoredIn, held ? ChangeKind.Modified : ChangeKind.Deleted, current, written));
                return (current, held ? written : null);
            }

            current = context.Server.Store.Get(context.Type.StoredIn, current.Key) ?? throw Refusals.NotFound(context.Type, current.Key.Name);
        }
    }

    private static void Mark(RequestContext context, JsonObject after, long grace)
    {
        var metadata = after.Metadata();
        var already = metadata["deletionTimestamp"] is not null;
        if (already && (metadata.Integer("deletionGracePeriodSeconds") ?? 0) <= grace)
            return;
        var at = context.Server.Time.GetUtcNow().AddSeconds(grace);
        metadata["deletionTimestamp"] = at.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);
        if (context.Type.Strategy.ShowsGracePeriod)
            metadata["deletionGracePeriodSeconds"] = grace;
        if (!already && metadata.Integer("generation") is { } generation)
            metadata["generation"] = generation + 1;
        context.Type.Strategy.MarkDeleted(after);
    }

    private static JsonObject Success(string group, string kind, StoredObject gone)
    {
        var details = Refusals.Details(group, kind, gone.Key.Name);
        details["uid"] = gone.Uid;
        return new JsonObject
        {
            ["kind"] = "Status",
            ["apiVersion"] = "v1",
            ["metadata"] = new JsonObject(),
            ["status"] = "Success",
            ["details"] = details,
        };
    }
}
