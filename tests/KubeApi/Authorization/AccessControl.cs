using KubeApi.Errors;
using KubeApi.Http;

namespace KubeApi.Authorization;

/// <summary>Lets a request through or refuses it with 403; this comes before it is known whether there is such a resource.</summary>
internal static class AccessControl
{
    private static readonly HashSet<string> Open = ["/healthz", "/livez", "/readyz", "/version"];
    private static readonly HashSet<string> ForAllUsers = ["/api", "/apis"];
    private static readonly HashSet<string> SelfReviews = ["selfsubjectaccessreviews", "selfsubjectreviews", "selfsubjectrulesreviews"];

    public static void Check(ApiServer server, Identity identity, ApiRequest request, RequestTarget? target)
    {
        if (identity.IsAdministrator)
            return;
        if (target is null)
            CheckPath(identity, request);
        else
            CheckResource(server, identity, request, target);
    }

    private static void CheckPath(Identity identity, ApiRequest request)
    {
        var path = request.Path.TrimEnd('/');
        var isDiscovery = ForAllUsers.Any(root => path == root || path.StartsWith(root + "/", StringComparison.Ordinal));
        if (Open.Any(open => path == open || path.StartsWith(open + "/", StringComparison.Ordinal)) || isDiscovery && identity != Identity.Anonymous)
            return;
        throw new ApiException(403, "Forbidden", $"forbidden: User {FieldError.Quote(identity.Name)} cannot {request.Method.ToLowerInvariant()} path {FieldError.Quote(request.Path)}", []);
    }

    private static void CheckResource(ApiServer server, Identity identity, ApiRequest request, RequestTarget target)
    {
        if (identity != Identity.Anonymous && SelfReviews.Contains(target.Resource))
            return;
        var verb = RequestContext.VerbOf(request, target);
        var permission = new Permission(verb, target.Group, target.Resource, target.Subresource, target.Namespace, target.Name);
        if (RbacAuthorizer.Allows(server, identity, permission) is null)
            throw Refused(identity, permission);
    }

    private static ApiException Refused(Identity identity, Permission permission)
    {
        var qualified = permission.Group.Length == 0 ? permission.Resource : $"{permission.Resource}.{permission.Group}";
        var what = permission.Name.Length == 0 ? qualified : $"{qualified} {FieldError.Quote(permission.Name)}";
        var where = permission.Namespace.Length == 0 ? "at the cluster scope" : $"in the namespace {FieldError.Quote(permission.Namespace)}";
        return new ApiException(
            403, "Forbidden", $"{what} is forbidden: User {FieldError.Quote(identity.Name)} cannot {permission.Verb} resource {FieldError.Quote(permission.FullResource)} in API group {FieldError.Quote(permission.Group)} {where}",
            Refusals.Details(permission.Group, permission.Resource, permission.Name));
    }
}
