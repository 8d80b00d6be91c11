using KubeApi.Authorization;
using KubeApi.Errors;
using KubeApi.Http;

namespace KubeApi.Subresources;

/// <summary>What can be posted below an object, all in one list.</summary>
internal static class SubresourceActions
{
    private static readonly Dictionary<(string Resource, string Subresource), Func<RequestContext, ApiResponse>> Creations = new()
    {
        [("pods", "binding")] = PodBinding.Create,
        [("pods", "eviction")] = PodEviction.Create,
        [("serviceaccounts", "token")] = TokenRequest.Create,
    };

    public static ApiResponse Create(RequestContext context)
    {
        if (Creations.GetValueOrDefault((context.Type.QualifiedPlural, context.Target.Subresource)) is { } action)
            return action(context);
        throw context.Target.Subresource == "status" && context.Type.HasStatus ? Refusals.MethodNotAllowed() : Refusals.NoSuchResource();
    }

    /// <summary>PUT below an object, where that is not a plain write of the status.</summary>
    public static ApiResponse? TryUpdate(RequestContext context) =>
        context.Type.QualifiedPlural == "namespaces" && context.Target.Subresource == "finalize" ? NamespaceFinalize.Update(context) : null;
}
