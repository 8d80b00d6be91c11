using KubeApi.Errors;
using KubeApi.Http;
using KubeApi.Json;
using KubeApi.Reads;
using KubeApi.Storage;

namespace KubeApi.Subresources;

/// <summary>What the namespace controller does at the end: takes its finalizer off; without finalizers the namespace goes.</summary>
internal static class NamespaceFinalize
{
    public static ApiResponse Update(RequestContext context)
    {
        var body = DocumentReader.Read(context.Request.Body.Span);
        var current = context.Stored();
        var after = current.Document();
        after.Child("spec").Assign("finalizers", body.Object("spec")?["finalizers"]);
        var collection = context.Type.StoredIn;
        var isLast = after.Metadata()["deletionTimestamp"] is not null && after.Child("spec").Array("finalizers") is null or { Count: 0 };
        var result = isLast
            ? context.Server.Store.Delete(collection, current, out var saved)
            : context.Server.Store.Update(collection, current, after, out saved);
        return result == WriteResult.Written ? Presentation.One(context, saved) : throw Refusals.Modified(context.Type, context.Target.Name);
    }
}
