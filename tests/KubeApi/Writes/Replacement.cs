using System.Globalization;
using System.Text.Json.Nodes;
using KubeApi.Errors;
using KubeApi.Http;
using KubeApi.Json;
using KubeApi.Reads;
using KubeApi.Subresources;

namespace KubeApi.Writes;

/// <summary>PUT: replaces an object, or its status.</summary>
internal static class Replacement
{
    public static ApiResponse Update(RequestContext context)
    {
        if (context.Target.Name.Length == 0)
            throw context.Type.IsCustom ? Refusals.BadRequest("name must be provided") : Refusals.MethodNotAllowed();
        WriteOptions.Check(context, "UpdateOptions");
        if (SubresourceActions.TryUpdate(context) is { } answer)
            return answer;
        SubresourceRules.Check(context);
        var document = BodyReader.ReadObject(context);
        NamesMatch(context, document);
        var current = context.Server.Store.Get(context.Type.StoredIn, context.Key);
        if (current is null && context.Type.Strategy.AllowsCreateOnUpdate)
        {
            document.Metadata().Remove("resourceVersion");
            return Presentation.One(context, Creation.Store(context, context.Type.Stored(document), true), 201);
        }

        current ??= context.Stored();
        var saved = Saving.Save(context, current, current.Document(), context.Type.Stored(document), true);
        return Presentation.One(context, saved);
    }

    public static void NamesMatch(RequestContext context, JsonObject document)
    {
        var metadata = document.Metadata();
        var name = metadata.Text("name") ?? "";
        if (name.Length > 0 && name != context.Target.Name)
            throw Refusals.BadRequest($"the name of the object ({name}) does not match the name on the URL ({context.Target.Name})");
        var space = metadata.Text("namespace") ?? "";
        if (context.Type.Namespaced && space.Length > 0 && space != context.Target.Namespace)
            throw Refusals.BadRequest("the namespace of the provided object does not match the namespace sent on the request");
        if (name.Length == 0)
            metadata["name"] = context.Target.Name;
    }

    /// <summary>The version the client last saw; 0 if it does not say.</summary>
    public static long Version(JsonObject document)
    {
        var text = document.Metadata().Text("resourceVersion") ?? "";
        if (text.Length == 0)
            return 0;
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var version)
            ? version
            : throw Refusals.Internal($"strconv.ParseUint: parsing {FieldError.Quote(text)}: invalid syntax");
    }
}
