using System.Text.Json.Nodes;
using KubeApi.Errors;
using KubeApi.FieldOwnership;
using KubeApi.Json;
using KubeApi.Storage;

namespace KubeApi.Writes;

/// <summary>The last steps of every change of a stored object: preconditions, what may change, ownership, validation, the write.</summary>
internal static class Saving
{
    public static StoredObject Save(RequestContext context, StoredObject current, JsonObject before, JsonObject desired, bool track)
    {
        var type = context.Type;
        Preconditions(context, current, desired);
        var after = context.IsStatus ? WithStatus(context, before, desired) : WithContent(context, before, desired);
        CountGeneration(context, before, after);
        if (track)
            Track(context, before, desired, after);
        var errors = MetadataRules.Validate(type, after, before)
            .Concat(context.IsStatus ? type.Strategy.ValidateStatus(after, before) : type.Strategy.Validate(after, before)).ToList();
        if (errors.Count > 0)
            throw Refusals.Invalid(type.ErrorGroup, after.Text("kind") ?? type.Kind, context.Target.Name, errors);
        if (!after.Metadata()["finalizers"].SameAs(before.Metadata()["finalizers"]))
            MetadataRules.Warn(context, after);
        if (IsLast(after))
            return Finish(context, current, after);
        if (after.SameAs(before))
            return current;
        if (context.DryRun)
            return StoredObject.FreezeAsIs(current.Key, current.ResourceVersion, after);
        SizeLimit.Check(context, after);
        switch (context.Server.Store.Update(type.StoredIn, current, after, out var stored))
        {
            case WriteResult.NotFound:
                throw Refusals.NotFound(type, context.Target.Name);
            case WriteResult.Conflict:
                throw Refusals.Modified(type, context.Target.Name);
        }

        type.Strategy.Written(context.Server, new Change(type.StoredIn, ChangeKind.Modified, current, stored));
        return stored;
    }

    private static void Preconditions(RequestContext context, StoredObject current, JsonObject desired)
    {
        var type = context.Type;
        var name = context.Target.Name;
        var uid = desired.Metadata().Text("uid") ?? "";
        if (context.Request.Method == "PUT" && uid.Length > 0 && uid != current.Uid)
        {
            var path = string.Join('/', ((string[])["/registry", type.IsCustom ? type.Group : "", type.Plural, current.Key.ToString()]).Where(part => part.Length > 0));
            throw Refusals.Conflict(type, name, $"StorageError: invalid object, Code: 4, Key: {path}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: {uid}, UID in object meta: {current.Uid}");
        }

        var version = Replacement.Version(desired);
        if (version == 0 && !type.Strategy.AllowsUnconditionalUpdate)
            throw Refusals.Invalid(type.Group, type.Plural, name, FieldError.Invalid("metadata.resourceVersion", "0", "must be specified for an update"));
        if (version != 0 && version != current.ResourceVersion)
            throw Refusals.Modified(type, name);
    }

    private static JsonObject WithContent(RequestContext context, JsonObject before, JsonObject desired)
    {
        var after = desired.Copy();
        MetadataRules.PrepareForUpdate(after, before);
        KeepManagedFields(after, before);
        if (context.Type.HasStatus)
            after.Assign("status", before["status"]);
        context.Type.Strategy.PrepareForUpdate(after, before);
        return after;
    }

    private static JsonObject WithStatus(RequestContext context, JsonObject before, JsonObject desired)
    {
        var after = before.Copy();
        after.Assign("status", desired["status"]);
        if (context.Type.Strategy.StatusCarriesMetadata)
        {
            after["metadata"] = desired.Metadata().DeepClone();
            MetadataRules.PrepareForUpdate(after, before);
            KeepManagedFields(after, before);
        }
        else
            after.Metadata().Assign("managedFields", desired.Metadata()["managedFields"] ?? before.Metadata()["managedFields"]);
        context.Type.Strategy.PrepareForStatusUpdate(after, before);
        return after;
    }

    private static void KeepManagedFields(JsonObject after, JsonObject before)
    {
        if (after.Metadata()["managedFields"] is null)
            after.Metadata().Assign("managedFields", before.Metadata()["managedFields"]);
    }

    private static void CountGeneration(RequestContext context, JsonObject before, JsonObject after)
    {
        if (!context.Type.Strategy.CountsGenerations || context.IsStatus)
            return;
        var names = after.Select(field => field.Key).Union(before.Select(field => field.Key));
        if (names.Any(name => name is not "metadata" && !(name == "status" && context.Type.HasStatus) && !after[name].SameAs(before[name])))
            after.Metadata()["generation"] = (before.Metadata().Integer("generation") ?? 0) + 1;
    }

    private static void Track(RequestContext context, JsonObject before, JsonObject desired, JsonObject after)
    {
        // A client that sends [{}] wipes the record, and this very write is not entered in it.
        var wiped = desired.Metadata().Array("managedFields") is [JsonObject { Count: 0 }] or [];
        var fields = wiped ? new ManagedFields() : ManagedFields.Read(after);
        if (!wiped)
            OwnershipTracker.TrackUpdate(context.Type.Strategy.Fields, before, after, fields, context.Manager("Update"), context.Server.Now);
        fields.Write(after);
    }

    private static bool IsLast(JsonObject after) =>
        after.Metadata()["deletionTimestamp"] is not null && after.Metadata().Array("finalizers") is null or { Count: 0 }
        && (after.Metadata().Integer("deletionGracePeriodSeconds") ?? 0) == 0 && after.Object("spec").Array("finalizers") is null or { Count: 0 };

    /// <summary>The last finalizer is gone: the answer shows the object without it, watchers see it deleted.</summary>
    private static StoredObject Finish(RequestContext context, StoredObject current, JsonObject after)
    {
        if (!context.DryRun && context.Server.Store.Delete(context.Type.StoredIn, current, out var last) == WriteResult.Written)
            context.Type.Strategy.Written(context.Server, new Change(context.Type.StoredIn, ChangeKind.Deleted, current, last));
        return StoredObject.FreezeAsIs(current.Key, current.ResourceVersion, after);
    }
}
