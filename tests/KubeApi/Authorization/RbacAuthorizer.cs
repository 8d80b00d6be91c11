using System.Text.Json.Nodes;
using KubeApi.Json;
using KubeApi.Storage;

namespace KubeApi.Authorization;

/// <summary>Role-based access control over the stored roles and bindings.</summary>
internal static class RbacAuthorizer
{
    private const string Group = "rbac.authorization.k8s.io";

    /// <summary>The reason for which something is allowed; null = it is not.</summary>
    public static string? Allows(ApiServer server, Identity identity, Permission permission)
    {
        if (identity.IsAdministrator)
            return "";
        foreach (var (kind, plural, scope) in (ReadOnlySpan<(string, string, string)>)[("ClusterRoleBinding", "clusterrolebindings", ""), ("RoleBinding", "rolebindings", permission.Namespace)])
        {
            if (kind == "RoleBinding" && scope.Length == 0)
                continue;
            foreach (var (key, stored) in server.Store.List($"{plural}.{Group}").Objects)
            {
                if (key.Namespace == scope && Grants(server, stored.Document(), kind, key, identity, permission) is { } reason)
                    return reason;
            }
        }

        return null;
    }

    private static string? Grants(ApiServer server, JsonObject binding, string kind, ObjectKey key, Identity identity, Permission permission)
    {
        var subject = (binding.Array("subjects") ?? []).OfType<JsonObject>().FirstOrDefault(subject => Is(subject, identity, key.Namespace));
        var reference = binding.Object("roleRef");
        if (subject is null || Role(server, reference, key.Namespace) is not { } role)
            return null;
        if (!(role.Array("rules") ?? []).OfType<JsonObject>().Any(rule => Covers(rule, permission)))
            return null;
        var shown = kind == "RoleBinding" ? $"{key.Name}/{key.Namespace}" : key.Name;
        var who = subject.Text("kind") == "ServiceAccount" ? $"{subject.Text("name")}/{subject.Text("namespace")}" : subject.Text("name");
        return $"RBAC: allowed by {kind} \"{shown}\" of {reference.Text("kind")} \"{reference.Text("name")}\" to {subject.Text("kind")} \"{who}\"";
    }

    private static bool Is(JsonObject subject, Identity identity, string space) => subject.Text("kind") switch
    {
        "ServiceAccount" => identity.Name == $"system:serviceaccount:{subject.Text("namespace") ?? space}:{subject.Text("name")}",
        "User" => identity.Name == subject.Text("name"),
        "Group" => identity.Groups.Contains(subject.Text("name") ?? ""),
        _ => false,
    };

    private static JsonObject? Role(ApiServer server, JsonObject? reference, string space)
    {
        var name = reference.Text("name") ?? "";
        var stored = reference.Text("kind") == "Role"
            ? server.Store.Get($"roles.{Group}", new ObjectKey(space, name))
            : server.Store.Get($"clusterroles.{Group}", new ObjectKey("", name));
        return stored?.Document();
    }

    private static bool Covers(JsonObject rule, Permission permission) =>
        Has(rule, "verbs", permission.Verb) && Has(rule, "apiGroups", permission.Group)
        && (Has(rule, "resources", permission.FullResource) || permission.Subresource.Length > 0 && Has(rule, "resources", $"*/{permission.Subresource}"))
        && (rule.Array("resourceNames") is null or { Count: 0 } || permission.Name.Length > 0 && Has(rule, "resourceNames", permission.Name));

    private static bool Has(JsonObject rule, string field, string wanted) =>
        (rule.Array(field) ?? []).Any(item => item!.ToString() is var text && (text == wanted || text == "*" && field != "resourceNames"));
}
