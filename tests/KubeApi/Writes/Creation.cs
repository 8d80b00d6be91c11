using System.Text.Json.Nodes;
using KubeApi.Errors;
using KubeApi.FieldOwnership;
using KubeApi.Http;
using KubeApi.Json;
using KubeApi.Reads;
using KubeApi.Storage;
using KubeApi.Subresources;

namespace KubeApi.Writes;

/// <summary>POST: a new object.</summary>
internal static class Creation
{
    public static ApiResponse Create(RequestContext context)
    {
        WriteOptions.Check(context, "CreateOptions");
        if (context.Target.Subresource.Length > 0)
            return SubresourceActions.Create(context);
        var document = BodyReader.ReadObject(context);
        if (context.Type.AnswersCreation is { } answer)
            return answer(context, document);
        if (context.Target.Name.Length > 0)
            throw Refusals.MethodNotAllowed();
        var given = document.Metadata().Text("namespace") ?? "";
        if (given.Length > 0 && context.Type.Namespaced && given != context.Target.Namespace)
            throw Refusals.BadRequest("the namespace of the provided object does not match the namespace sent on the request");
        return Presentation.One(context, Store(context, context.Type.Stored(document), true), 201);
    }

    /// <summary>Stores a decoded new object; an apply brings its own managedFields.</summary>
    public static StoredObject Store(RequestContext context, JsonObject document, bool track)
    {
        var metadata = document.Metadata();
        if (metadata.Text("resourceVersion") is { Length: > 0 } and not "0")
            throw Refusals.Internal("resourceVersion should not be set on objects to be created");
        NamespaceLifecycle.Check(context);
        MetadataRules.PrepareForCreate(context, document);
        if (context.Type.HasStatus && !context.Type.Strategy.KeepsStatusOnCreate)
            document.Remove("status");
        var generated = metadata.Text("generateName") is { Length: > 0 } prefix ? prefix : null;
        if (string.IsNullOrEmpty(metadata.Text("name")) && generated is not null)
            metadata["name"] = generated + context.Server.Names.Suffix();
        if (context.Type.Conversion is null)
            context.Type.Strategy.Default(document);
        if (track)
            Track(context, document);
        context.Type.Strategy.PrepareForCreate(document);
        var errors = MetadataRules.Validate(context.Type, document, null).Concat(context.Type.Strategy.Validate(document, null)).ToList();
        if (errors.Count > 0)
            throw Refusals.Invalid(context.Type.ErrorGroup, document.Text("kind") ?? context.Type.Kind, metadata.Text("name") ?? "", errors);
        return Save(context, document, generated is not null);
    }

    private static void Track(RequestContext context, JsonObject document)
    {
        var fields = new ManagedFields();
        var nothing = new JsonObject { ["metadata"] = new JsonObject() };
        OwnershipTracker.TrackUpdate(context.Type.Strategy.Fields, nothing, document, fields, context.Manager("Update"), context.Server.Now);
        fields.Write(document);
    }

    private static StoredObject Save(RequestContext context, JsonObject document, bool generated)
    {
        var name = document.Metadata().Text("name")!;
        var key = context.Key with { Name = name };
        if (context.DryRun)
            return DryRun(context, key, document);
        MetadataRules.Warn(context, document);
        SizeLimit.Check(context, document);
        if (context.Server.Store.Create(context.Type.StoredIn, key, document, out var stored) == WriteResult.AlreadyExists)
        {
            if (stored.Document().Metadata()["deletionTimestamp"] is not null)
                throw Refusals.BeingDeleted(context.Type, name);
            throw generated ? Refusals.NoUniqueName(context.Type, name) : Refusals.AlreadyExists(context.Type, name);
        }

        context.Type.Strategy.Written(context.Server, new Change(context.Type.StoredIn, ChangeKind.Added, null, stored));
        return stored;
    }

    private static StoredObject DryRun(RequestContext context, ObjectKey key, JsonObject document)
    {
        if (context.Server.Store.Get(context.Type.StoredIn, key) is not null)
            throw Refusals.AlreadyExists(context.Type, key.Name);
        return StoredObject.FreezeUnversioned(key, document);
    }
}
