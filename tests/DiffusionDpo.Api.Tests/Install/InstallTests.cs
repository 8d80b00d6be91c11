using k8s;
using k8s.Models;

namespace DiffusionDpo.Api.Tests.Install;

/// <summary>The plain manifests of the first install: strict to read, least in privilege, consistent in names.</summary>
public sealed class InstallTests
{
    private static readonly string Folder = Repository.Path("charts", "diffusion-dpo", "manifests");

    private static readonly IReadOnlyList<IKubernetesObject<V1ObjectMeta>> Objects = [.. Files(Folder)
        .SelectMany(path => KubernetesYaml.LoadAllFromString(File.ReadAllText(path), strict: true))
        .Cast<IKubernetesObject<V1ObjectMeta>>()];

    private static readonly V1Deployment Deployment = Objects.OfType<V1Deployment>().Single();
    private static readonly V1PodSpec Pod = Deployment.Spec.Template.Spec;
    private static readonly V1Container Container = Pod.Containers.Single();

    [Fact]
    public void Kustomize_is_told_of_every_file()
    {
        Assert.Equal(["../../../crds", .. Files(Folder).Select(Path.GetFileName).OfType<string>()], Resources(Folder).Order(StringComparer.Ordinal));
        Assert.Equal(Files(Repository.Path("crds")).Select(Path.GetFileName), Resources(Repository.Path("crds")).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_namespace_takes_restricted_pods_only()
    {
        var labels = Objects.OfType<V1Namespace>().Single().Metadata.Labels;
        Assert.All((string[])["enforce", "audit", "warn"], mode => Assert.Equal("restricted", labels[$"pod-security.kubernetes.io/{mode}"]));
    }

    [Fact]
    public void Everything_is_in_the_operators_namespace_or_in_none() => Assert.All(
        Objects.Where(o => o is not (V1Namespace or V1ClusterRole or V1ClusterRoleBinding)),
        o => Assert.Equal("diffusion-dpo", o.Metadata.NamespaceProperty));

    // Whoever adds a line here gives the operator, and whoever takes it over, a right in every namespace.
    [Fact]
    public void The_operator_may_do_this_and_no_more_in_all_namespaces() => Assert.Equal(
        [
            "/configmaps: get create patch delete",
            // Deleted by force where their node is unreachable.
            "/pods: get list watch delete",
            "/services: get create patch delete",
            "batch/jobs: get list watch create delete",
            "diffusiondpo.io/dpofinetunes/status: patch",
            "diffusiondpo.io/dpofinetunes: get list watch",
            "events.k8s.io/events: create update",
        ],
        Rights(Objects.OfType<V1ClusterRole>().Single().Rules));

    [Fact]
    public void The_operator_may_do_this_and_no_more_at_home() =>
        Assert.Equal(["coordination.k8s.io/leases: get create update"], Rights(Objects.OfType<V1Role>().Single().Rules));

    [Fact]
    public void Nothing_is_granted_on_secrets_by_wildcards_or_into_containers()
    {
        string[] words = [.. AllRules().SelectMany(r => (string[])[.. r.ApiGroups, .. r.Resources, .. r.Verbs])];
        string[] never = ["*", "secrets", "pods/exec", "pods/attach", "pods/portforward", "serviceaccounts/token", "escalate", "bind", "impersonate"];
        Assert.Empty(words.Intersect(never));
    }

    [Fact]
    public void Bindings_tie_the_roles_to_the_operators_account_alone()
    {
        var (everywhere, home) = (Objects.OfType<V1ClusterRoleBinding>().Single(), Objects.OfType<V1RoleBinding>().Single());
        Assert.Equal(("ClusterRole", Objects.OfType<V1ClusterRole>().Single().Metadata.Name), (everywhere.RoleRef.Kind, everywhere.RoleRef.Name));
        Assert.Equal(("Role", Objects.OfType<V1Role>().Single().Metadata.Name), (home.RoleRef.Kind, home.RoleRef.Name));
        Assert.All(everywhere.Subjects.Concat(home.Subjects), s => Assert.Equal(("ServiceAccount", Pod.ServiceAccountName, "diffusion-dpo"), (s.Kind, s.Name, s.NamespaceProperty)));
        Assert.Contains(Objects.OfType<V1ServiceAccount>(), a => a.Metadata.Name == Pod.ServiceAccountName);
    }

    [Fact]
    public void Accounts_hand_out_no_tokens_unasked()
    {
        Assert.All(Objects.OfType<V1ServiceAccount>(), account => Assert.False(account.AutomountServiceAccountToken));
        Assert.True(Pod.AutomountServiceAccountToken);
        Assert.Contains(Objects.OfType<V1ServiceAccount>(), account => account.Metadata.Name == "diffusion-dpo-trainer");
    }

    [Fact]
    public void The_container_is_restricted()
    {
        Assert.Equal((true, "RuntimeDefault"), (Pod.SecurityContext.RunAsNonRoot, Pod.SecurityContext.SeccompProfile.Type));
        Assert.NotEqual(0, Pod.SecurityContext.RunAsUser);
        var security = Container.SecurityContext;
        Assert.Equal((false, true, null), (security.AllowPrivilegeEscalation, security.ReadOnlyRootFilesystem, security.Privileged));
        Assert.Equal(["ALL"], security.Capabilities.Drop);
        Assert.Null(security.Capabilities.Add);
        Assert.Equal((null, null, null, null), (Pod.HostNetwork, Pod.HostPID, Pod.HostIPC, Pod.Volumes));
    }

    [Fact]
    public void Two_operators_elect_a_leader_and_know_who_they_are()
    {
        Assert.Equal((2, 30L), (Deployment.Spec.Replicas, Pod.TerminationGracePeriodSeconds));
        Assert.Equal(["run", "--leader-elect"], Container.Args);
        var fields = Container.Env.Where(e => e.ValueFrom is not null).ToDictionary(e => e.Name, e => e.ValueFrom.FieldRef.FieldPath);
        Assert.Equal(new Dictionary<string, string> { ["POD_NAME"] = "metadata.name", ["POD_NAMESPACE"] = "metadata.namespace" }, fields);
        Assert.NotEmpty(Pod.TopologySpreadConstraints);
        Assert.All(Pod.TopologySpreadConstraints, c => Assert.Equal(Deployment.Spec.Selector.MatchLabels, c.LabelSelector.MatchLabels));
        Assert.Empty(Deployment.Spec.Selector.MatchLabels.Except(Deployment.Spec.Template.Metadata.Labels));
    }

    [Fact]
    public void Probes_and_scrapes_go_to_ports_that_are_open()
    {
        var ports = Container.Ports.ToDictionary(p => p.Name, p => p.ContainerPort);
        Assert.Equal(new Dictionary<string, int> { ["metrics"] = 8080, ["health"] = 8081 }, ports);
        Assert.Equal(("/livez", "health"), (Container.LivenessProbe.HttpGet.Path, Container.LivenessProbe.HttpGet.Port.Value));
        Assert.Equal(("/readyz", "health"), (Container.ReadinessProbe.HttpGet.Path, Container.ReadinessProbe.HttpGet.Port.Value));
        var annotations = Deployment.Spec.Template.Metadata.Annotations;
        Assert.Equal(("true", "8080", "/metrics"), (annotations["prometheus.io/scrape"], annotations["prometheus.io/port"], annotations["prometheus.io/path"]));
    }

    [Fact]
    public void Resources_are_asked_for_and_memory_is_limited()
    {
        Assert.Equal(("100m", "128Mi"), (Container.Resources.Requests["cpu"].ToString(), Container.Resources.Requests["memory"].ToString()));
        Assert.Equal(["memory: 256Mi"], Container.Resources.Limits.Select(l => $"{l.Key}: {l.Value}"));
    }

    private static IEnumerable<V1PolicyRule> AllRules() =>
        Objects.OfType<V1ClusterRole>().SelectMany(r => r.Rules).Concat(Objects.OfType<V1Role>().SelectMany(r => r.Rules));

    private static IEnumerable<string> Rights(IEnumerable<V1PolicyRule> rules) => rules
        .SelectMany(rule => rule.ApiGroups, (rule, apiGroup) => (rule, apiGroup))
        .SelectMany(r => r.rule.Resources, (r, resource) => $"{r.apiGroup}/{resource}: {string.Join(' ', r.rule.Verbs)}")
        .Order(StringComparer.Ordinal);

    private static IEnumerable<string> Files(string folder) =>
        Directory.GetFiles(folder, "*.yaml").Where(f => Path.GetFileName(f) != "kustomization.yaml").Order(StringComparer.Ordinal);

    private static List<string> Resources(string folder) =>
        [.. KubernetesYaml.Deserialize<Kustomization>(File.ReadAllText(Path.Combine(folder, "kustomization.yaml"))).Resources];
}
