using k8s.Models;
using KubeApi.Definitions;

namespace KubeApi.Resources;

/// <summary>The builtin resources, all in one list.</summary>
internal static class BuiltinResources
{
    public static IEnumerable<ResourceType> All() =>
    [
        new()
        {
            Group = "", Version = "v1", Kind = "Namespace", Plural = "namespaces", Singular = "namespace", ShortNames = ["ns"], Namespaced = false,
            HasStatus = true, Strategy = new NamespaceStrategy(),
            Verbs = ["create", "delete", "get", "list", "patch", "update", "watch"],
        },
        Plain<V1ConfigMap>("", "v1", "ConfigMap", "configmaps", "cm"),
        Plain<V1Secret>("", "v1", "Secret", "secrets"),
        Plain<V1Service>("", "v1", "Service", "services", "svc") with { HasStatus = true },
        Plain<V1ServiceAccount>("", "v1", "ServiceAccount", "serviceaccounts", "sa"),
        Plain<V1Pod>("", "v1", "Pod", "pods", "po") with { HasStatus = true },
        Plain<V1Node>("", "v1", "Node", "nodes", "no") with { HasStatus = true, Namespaced = false },
        Plain<Corev1Event>("", "v1", "Event", "events", "ev"),
        Plain<V1Job>("batch", "v1", "Job", "jobs") with { HasStatus = true },
        Plain<V1Lease>("coordination.k8s.io", "v1", "Lease", "leases"),
        Plain<V1Role>("rbac.authorization.k8s.io", "v1", "Role", "roles"),
        Plain<V1RoleBinding>("rbac.authorization.k8s.io", "v1", "RoleBinding", "rolebindings"),
        Plain<V1ClusterRole>("rbac.authorization.k8s.io", "v1", "ClusterRole", "clusterroles") with { Namespaced = false },
        Plain<V1ClusterRoleBinding>("rbac.authorization.k8s.io", "v1", "ClusterRoleBinding", "clusterrolebindings") with { Namespaced = false },
        Plain<V1PodDisruptionBudget>("policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets", "pdb") with { HasStatus = true },
        new()
        {
            Group = "apiextensions.k8s.io", Version = "v1", Kind = "CustomResourceDefinition", Plural = "customresourcedefinitions",
            Singular = "customresourcedefinition", ShortNames = ["crd", "crds"], Namespaced = false, Categories = ["api-extensions"],
            Strategy = new DefinitionStrategy(),
        },
    ];

    private static ResourceType Plain<TModel>(string group, string version, string kind, string plural, params string[] shortNames) => new()
    {
        Group = group,
        Version = version,
        Kind = kind,
        Plural = plural,
        Singular = kind.ToLowerInvariant(),
        ShortNames = shortNames,
        Strategy = new BuiltinStrategy(typeof(TModel)),
    };
}
