using System.Text.Json.Nodes;
using KubeApi.Errors;
using KubeApi.Json;
using KubeApi.Storage;

namespace KubeApi.Writes;

/// <summary>Nothing is created in a namespace that does not exist or is going away.</summary>
internal static class NamespaceLifecycle
{
    public static void Check(RequestContext context)
    {
        if (!context.Type.Namespaced)
            return;
        var name = context.Target.Namespace;
        var namespaces = context.Server.Resources.Get("", "namespaces");
        var stored = context.Server.Store.Get(namespaces.StoredIn, new ObjectKey("", name)) ?? throw Refusals.NotFound(namespaces, name);
        if (stored.Fields.GetValueOrDefault("status.phase") != "Terminating")
            return;
        throw Terminating(context, name);
    }

    private static ApiException Terminating(RequestContext context, string space)
    {
        var name = DocumentReader.ReadNode(context.Request.Body.Span) is JsonObject body ? body.Metadata().Text("name") ?? "" : "";
        var details = Refusals.Details(context.Type, name);
        details["causes"] = new JsonArray(new JsonObject
        {
            ["reason"] = "NamespaceTerminating",
            ["message"] = $"namespace {space} is being terminated",
            ["field"] = "metadata.namespace",
        });
        return Refusals.Forbidden(context.Type, name, $"unable to create new content in namespace {space} because it is being terminated", details);
    }
}
