using System.Text.Json.Nodes;
using KubeApi.Http;
using KubeApi.Json;

namespace KubeApi.Authorization;

/// <summary>SelfSubjectAccessReview and SelfSubjectReview: "may I?" and "who am I?".</summary>
internal static class AccessReview
{
    public static ApiResponse MayI(RequestContext context, JsonObject review)
    {
        var asked = review.Object("spec").Object("resourceAttributes");
        var permission = new Permission(
            asked.Text("verb") ?? "", asked.Text("group") ?? "", asked.Text("resource") ?? "", asked.Text("subresource") ?? "",
            asked.Text("namespace") ?? "", asked.Text("name") ?? "");
        var reason = RbacAuthorizer.Allows(context.Server, context.User, permission);
        var status = new JsonObject { ["allowed"] = reason is not null };
        if (reason is { Length: > 0 })
            status["reason"] = reason;
        return ApiResponse.Json(201, new JsonObject
        {
            ["kind"] = "SelfSubjectAccessReview",
            ["apiVersion"] = "authorization.k8s.io/v1",
            ["metadata"] = new JsonObject(),
            ["spec"] = review["spec"]?.DeepClone(),
            ["status"] = status,
        });
    }

    public static ApiResponse WhoAmI(RequestContext context, JsonObject review)
    {
        var user = new JsonObject
        {
            ["username"] = context.User.Name,
            ["groups"] = new JsonArray([.. context.User.Groups.Select(group => (JsonNode)group)]),
        };
        if (context.User.Uid.Length > 0)
            user["uid"] = context.User.Uid;
        if (context.User.CredentialId.Length > 0)
            user["extra"] = new JsonObject { ["authentication.kubernetes.io/credential-id"] = new JsonArray(context.User.CredentialId) };
        return ApiResponse.Json(201, new JsonObject
        {
            ["kind"] = "SelfSubjectReview",
            ["apiVersion"] = "authentication.k8s.io/v1",
            ["metadata"] = new JsonObject { ["creationTimestamp"] = context.Server.Now },
            ["status"] = new JsonObject { ["userInfo"] = user },
        });
    }
}
