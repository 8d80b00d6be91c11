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
        var (gone, shown) = Delete(context, context.Stored(), options);
        return shown is not null ? Presentation.One(context, shown) : ApiResponse.Json(200, Success(context.Type.Group, context.Type.Plural, gone));
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

    /// <summary>Deletes, or marks as being deleted where finalizers or a grace period hold the object. Returns what the answer shows.</summary>
    public static (StoredObject Gone, StoredObject? Shown) Delete(RequestContext context, StoredObject current, DeleteOptions options)
    {
        while (true)
        {
            options.CheckPreconditions(context, current);
            if (Try(context, current, options) is { } done)
                return done;
            current = context.Server.Store.Get(context.Type.StoredIn, current.Key) ?? throw Refusals.NotFound(context.Type, current.Key.Name);
        }
    }

    private static (StoredObject Gone, StoredObject? Shown)? Try(RequestContext context, StoredObject current, DeleteOptions options)
    {
        var strategy = context.Type.Strategy;
        var before = current.Document();
        var after = before.Copy();
        options.AddFinalizers(context, after.Metadata());
        var grace = strategy.GracePeriod(after, options.GracePeriodSeconds);
        var held = after.Metadata().Array("finalizers") is { Count: > 0 } || strategy.HoldsDeletion(after);
        if (held || strategy.DeletesGracefully)
        {
            DeletionMark.Set(context, after, grace);
            held |= (after.Metadata().Integer("deletionGracePeriodSeconds") ?? 0) > 0;
        }

        if (context.DryRun)
            return (current, held || strategy.ReturnsDeleted ? StoredObject.FreezeAsIs(current.Key, current.ResourceVersion, after) : null);
        var marked = current;
        if (!after.SameAs(before) && (held || strategy.DeletesGracefully))
        {
            if (context.Server.Store.Update(context.Type.StoredIn, current, after, out marked) != WriteResult.Written)
                return null;
            strategy.Written(context.Server, new Change(context.Type.StoredIn, ChangeKind.Modified, current, marked));
        }

        if (held)
            return (current, marked);
        if (context.Server.Store.Delete(context.Type.StoredIn, marked, out var last) != WriteResult.Written)
            return null;
        strategy.Written(context.Server, new Change(context.Type.StoredIn, ChangeKind.Deleted, marked, last));
        return (current, strategy.ReturnsDeleted ? last : null);
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
