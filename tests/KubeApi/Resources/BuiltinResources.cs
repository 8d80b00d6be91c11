using System.Text.Json.Nodes;
using k8s.Models;
using KubeApi.Authorization;
using KubeApi.Definitions;
using KubeApi.Http;
using KubeApi.Resources.Workloads;

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
            Subresources = [new("finalize", "Namespace", "update"), Status("Namespace")],
        },
        Of(new ConfigMapStrategy(), "", "ConfigMap", "configmaps", "cm"),
        Of(new SecretStrategy(), "", "Secret", "secrets"),
        Of(new ServiceStrategy(), "", "Service", "services", "svc") with { HasStatus = true, Categories = ["all"], Subresources = [Status("Service")] },
        Of(new BuiltinStrategy(typeof(V1ServiceAccount)), "", "ServiceAccount", "serviceaccounts", "sa") with
        {
            Subresources = [new("token", "TokenRequest", "create") { Group = "authentication.k8s.io", Version = "v1" }],
        },
        Of(new PodStrategy(), "", "Pod", "pods", "po") with
        {
            HasStatus = true, Categories = ["all"],
            Subresources =
            [
                new("binding", "Binding", "create"), new("eviction", "Eviction", "create") { Group = "policy", Version = "v1" },
                new("log", "Pod", "get"), Status("Pod"),
            ],
        },
        Of(new BuiltinStrategy(typeof(V1PersistentVolumeClaim)), "", "PersistentVolumeClaim", "persistentvolumeclaims", "pvc") with
        {
            HasStatus = true, Subresources = [Status("PersistentVolumeClaim")],
        },
        Of(new NodeStrategy(), "", "Node", "nodes", "no") with { HasStatus = true, Namespaced = false, Subresources = [Status("Node")] },
        Of(new EventStrategy(typeof(Corev1Event), false), "", "Event", "events", "ev"),
        Of(new EventStrategy(typeof(Eventsv1Event), true), "events.k8s.io", "Event", "events", "ev") with
        {
            Collection = "events", Conversion = new EventConversion(),
        },
        Of(new BuiltinStrategy(typeof(V1EndpointSlice)), "discovery.k8s.io", "EndpointSlice", "endpointslices"),
        Of(new JobStrategy(), "batch", "Job", "jobs") with { HasStatus = true, Categories = ["all"], Subresources = [Status("Job")] },
        Of(new LeaseStrategy(), "coordination.k8s.io", "Lease", "leases"),
        Of(new RoleStrategy(typeof(V1Role)), "rbac.authorization.k8s.io", "Role", "roles"),
        Of(new RoleStrategy(typeof(V1RoleBinding)), "rbac.authorization.k8s.io", "RoleBinding", "rolebindings"),
        Of(new RoleStrategy(typeof(V1ClusterRole)), "rbac.authorization.k8s.io", "ClusterRole", "clusterroles") with { Namespaced = false },
        Of(new RoleStrategy(typeof(V1ClusterRoleBinding)), "rbac.authorization.k8s.io", "ClusterRoleBinding", "clusterrolebindings") with { Namespaced = false },
        Of(new PodDisruptionBudgetStrategy(), "policy", "PodDisruptionBudget", "poddisruptionbudgets", "pdb") with { HasStatus = true, Subresources = [Status("PodDisruptionBudget")] },
        Of(new BuiltinStrategy(typeof(V1Deployment)), "apps", "Deployment", "deployments", "deploy") with { HasStatus = true, Categories = ["all"], Subresources = [Status("Deployment")] },
        new()
        {
            Group = "apiextensions.k8s.io", Version = "v1", Kind = "CustomResourceDefinition", Plural = "customresourcedefinitions",
            Singular = "customresourcedefinition", ShortNames = ["crd", "crds"], Namespaced = false, Categories = ["api-extensions"],
            Strategy = new DefinitionStrategy(), Subresources = [Status("CustomResourceDefinition")],
        },
        Review("authorization.k8s.io", "SelfSubjectAccessReview", AccessReview.MayI),
        Review("authentication.k8s.io", "SelfSubjectReview", AccessReview.WhoAmI),
    ];

    private static SubresourceType Status(string kind) => new("status", kind, "get", "patch", "update");

    private static ResourceType Review(string group, string kind, Func<RequestContext, JsonObject, ApiResponse> answer) => new()
    {
        Group = group,
        Version = "v1",
        Kind = kind,
        Plural = kind.ToLowerInvariant() + "s",
        Singular = kind.ToLowerInvariant(),
        Namespaced = false,
        Verbs = ["create"],
        AnswersCreation = answer,
        Strategy = new ResourceStrategy(),
    };

    private static ResourceType Of(ResourceStrategy strategy, string group, string kind, string plural, params string[] shortNames) => new()
    {
        Group = group,
        Version = "v1",
        Kind = kind,
        Plural = plural,
        Singular = kind.ToLowerInvariant(),
        ShortNames = shortNames,
        Strategy = strategy,
    };
}
