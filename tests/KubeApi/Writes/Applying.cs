using System.Text.Json;
using System.Text.Json.Nodes;
using KubeApi.Errors;
using KubeApi.FieldOwnership;
using KubeApi.Http;
using KubeApi.Json;
using KubeApi.Reads;
using KubeApi.Storage;

namespace KubeApi.Writes;

/// <summary>Server-side apply: the configuration of one manager is laid over what the others own.</summary>
internal static class Applying
{
    private const int Attempts = 5;

    public static ApiResponse Apply(RequestContext context)
    {
        if (context.Query("fieldManager").Length == 0)
            throw Refusals.InvalidOptions("PatchOptions", FieldError.Required("fieldManager", "is required for apply patch"));
        SubresourceRules.Check(context);
        var applied = Read(context);
        for (var attempt = 1; ; attempt++)
        {
            var current = context.Server.Store.Get(context.Type.StoredIn, context.Key);
            try
            {
                return current is null
                    ? Presentation.One(context, Create(context, applied.Copy()), 201)
                    : Presentation.One(context, Change(context, current, applied.Copy()));
            }
            catch (ApiException refusal) when (refusal.Code == 409 && attempt < Attempts && IsStale(context, current, applied))
            {
                context.Warnings.Clear();
            }
        }
    }

    private static bool IsStale(RequestContext context, StoredObject? current, JsonObject applied) =>
        Replacement.Version(applied) == 0
        && context.Server.Store.Get(context.Type.StoredIn, context.Key)?.ResourceVersion != current?.ResourceVersion;

    private static JsonObject Read(RequestContext context)
    {
        JsonObject applied;
        try
        {
            var body = context.Request.Body.Span;
            // JSON is YAML too, but read as JSON it is faster and its escapes are right.
            var isJson = body.Length > 0 && body[0] == '{';
            applied = (isJson ? DocumentReader.ReadNode(body) : YamlReader.Read(body)) as JsonObject ?? throw Refusals.BadRequest("error decoding YAML: not an object");
        }
        catch (JsonException error)
        {
            throw Refusals.BadRequest($"error decoding YAML: {error.Message}");
        }

        var version = applied.Text("apiVersion") ?? "";
        var kind = applied.Text("kind") ?? "";
        if (version != context.Type.ApiVersion || kind != context.Type.Kind)
            throw Refusals.BadRequest($"invalid object type: {(version.Length == 0 ? "/" : version)}, Kind={kind}");
        if (applied.Metadata().Array("managedFields") is { Count: > 0 })
            throw Refusals.BadRequest("metadata.managedFields must be nil");
        return applied;
    }

    private static StoredObject Create(RequestContext context, JsonObject applied)
    {
        if (context.IsStatus)
            throw Refusals.NotFound(context.Type, context.Target.Name);
        var metadata = applied.Metadata();
        if (metadata.Text("name") is not { Length: > 0 })
            throw Refusals.BadRequest($"the name of the object ({context.Target.Name} based on URL) was undeterminable: name must be provided");
        Replacement.NamesMatch(context, applied);
        if (metadata.Text("uid") is { Length: > 0 } uid)
            throw Refusals.Conflict(context.Type, context.Target.Name, $"uid mismatch: the provided object specified uid {uid}, and no existing object was found");
        var live = new JsonObject { ["apiVersion"] = context.Type.ApiVersion, ["kind"] = context.Type.Kind, ["metadata"] = new JsonObject() };
        var fields = new ManagedFields();
        var merged = Merge(context, live, applied, fields);
        FieldValidation.Decode(context, merged, []);
        fields.Write(merged);
        return Creation.Store(context, merged, false);
    }

    private static StoredObject Change(RequestContext context, StoredObject current, JsonObject applied)
    {
        Replacement.NamesMatch(context, applied);
        var version = Replacement.Version(applied);
        if (version != 0 && version != current.ResourceVersion)
            throw Refusals.Modified(context.Type, context.Target.Name);
        applied.Metadata().Remove("resourceVersion");
        var before = current.Document();
        var fields = ManagedFields.Read(before);
        var merged = Merge(context, before, applied, fields);
        FieldValidation.Decode(context, merged, []);
        fields.Write(merged);
        return Saving.Save(context, current, before, merged, false);
    }

    private static JsonObject Merge(RequestContext context, JsonObject live, JsonObject applied, ManagedFields fields)
    {
        var schema = context.Type.Strategy.Fields;
        if (SchemaCheck.FirstError(schema, applied, "") is { } error)
            throw Refusals.Internal($"failed to create typed patch object ({context.Target.Namespace}/{context.Target.Name}; {GroupVersion(context)}, Kind={context.Type.Kind}): {error}");
        var merged = OwnershipTracker.Apply(
            schema, live, applied, fields, context.Manager("Apply"), Ignored(context), context.Query("force") is "true" or "1", context.Server.Now, out var conflicts);
        if (conflicts.Count > 0 && context.Query("force") is not ("true" or "1"))
            throw Conflicts(conflicts);
        return merged;
    }

    private static string GroupVersion(RequestContext context) => context.Type.Group.Length == 0 ? $"/{context.Type.Version}" : context.Type.ApiVersion;

    // What this endpoint does not store is not owned through it either.
    private static FieldSet? Ignored(RequestContext context)
    {
        if (!context.Type.HasStatus)
            return null;
        var ignored = new FieldSet();
        if (!context.IsStatus)
            ignored.Insert(["f:status"]);
        else
        {
            ignored.Insert(["f:spec"]);
            if (!context.Type.Strategy.StatusCarriesMetadata)
                ignored.Insert(["f:metadata"]);
        }

        return ignored;
    }

    private static ApiException Conflicts(List<FieldConflict> conflicts)
    {
        var by = conflicts.GroupBy(conflict => conflict.Text).ToList();
        var count = conflicts.Count == 1 ? "1 conflict" : $"{conflicts.Count} conflicts";
        var list = conflicts.Count == 1
            ? $"{conflicts[0].Text}: {conflicts[0].Field}"
            : string.Join('\n', by.Select(owner => owner.Key.Replace("conflict ", "conflicts ", StringComparison.Ordinal) + ":\n" + string.Join('\n', owner.Select(conflict => $"- {conflict.Field}"))));
        var causes = conflicts.Select(conflict => (JsonNode)new JsonObject
        {
            ["reason"] = "FieldManagerConflict",
            ["message"] = conflict.Text,
            ["field"] = conflict.Field,
        });
        return new ApiException(409, "Conflict", $"Apply failed with {count}: {list}", new JsonObject { ["causes"] = new JsonArray([.. causes]) });
    }
}
