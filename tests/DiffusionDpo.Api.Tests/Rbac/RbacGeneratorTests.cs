using DiffusionDpo.Api.FineTunes;
using DiffusionDpo.KubeOps.Rbac;
using k8s;
using k8s.Models;
using KubeOps.Abstractions.Rbac;

namespace DiffusionDpo.Api.Tests.Rbac;

public sealed class RbacGeneratorTests
{
    [Fact]
    public void A_kind_is_named_by_its_group_and_plural() =>
        Assert.Equal(["diffusiondpo.io: dpofinetunes: get, watch"], Rules(typeof(Reader)));

    [Fact]
    public void Permissions_on_a_resource_are_one_rule_however_many_classes_ask_for_them() =>
        Assert.Equal(["diffusiondpo.io: dpofinetunes: get, watch, patch", "diffusiondpo.io: dpofinetunes/status: patch"], Rules(typeof(Reader), typeof(Writer)));

    [Fact]
    public void Resources_with_the_same_verbs_share_a_rule_and_the_core_group_comes_first() =>
        Assert.Equal([": configmaps, services: create, delete", "batch: jobs: *"], Rules(typeof(Builder)));

    [Fact]
    public void Each_verb_by_name_is_seven_verbs() =>
        Assert.Equal(["a: b: get, list, watch, create, update, patch, delete"], Rules(typeof(Everything)));

    [Fact]
    public void Urls_are_rules_of_their_own() =>
        Assert.Equal(["/healthz, /metrics: get"], Rules(typeof(Scraper)));

    [Fact]
    public void Order_does_not_matter() =>
        Assert.Equal(RbacGenerator.ClusterRole("r", typeof(Reader), typeof(Writer), typeof(Builder)), RbacGenerator.ClusterRole("r", typeof(Builder), typeof(Writer), typeof(Reader)));

    [Fact]
    public void A_role_stands_in_its_namespace()
    {
        var role = KubernetesYaml.Deserialize<V1Role>(RbacGenerator.Role("r", "home", typeof(Reader)), strict: true);
        Assert.Equal(("Role", "r", "home", 1), (role.Kind, role.Metadata.Name, role.Metadata.NamespaceProperty, role.Rules.Count));
    }

    [Fact]
    public void A_role_has_no_urls() => Assert.Throws<ArgumentException>(() => RbacGenerator.Role("r", "home", typeof(Scraper)));

    [Fact]
    public void A_permission_without_verbs_is_a_mistake() => Assert.Throws<ArgumentException>(() => RbacGenerator.ClusterRole("r", typeof(Idle)));

    [Fact]
    public void A_type_that_is_no_kind_is_a_mistake() => Assert.Throws<ArgumentException>(() => RbacGenerator.ClusterRole("r", typeof(Lost)));

    private static IEnumerable<string> Rules(params Type[] carriers)
    {
        var role = KubernetesYaml.Deserialize<V1ClusterRole>(RbacGenerator.ClusterRole("r", carriers), strict: true);
        return role.Rules.Select(r => r.NonResourceURLs is { Count: > 0 } urls
            ? $"{string.Join(", ", urls)}: {string.Join(", ", r.Verbs)}"
            : $"{string.Join(", ", r.ApiGroups)}: {string.Join(", ", r.Resources)}: {string.Join(", ", r.Verbs)}");
    }

    [EntityRbac(typeof(DpoFineTune), Verbs = RbacVerb.Watch | RbacVerb.Get)]
    private static class Reader;

    [EntityRbac(typeof(DpoFineTune), Verbs = RbacVerb.Patch)]
    [GenericRbac(Groups = ["diffusiondpo.io"], Resources = ["dpofinetunes/status"], Verbs = RbacVerb.Patch)]
    private static class Writer;

    [EntityRbac(typeof(V1Job), Verbs = RbacVerb.All)]
    [EntityRbac(typeof(V1Job), Verbs = RbacVerb.Get)]
    [EntityRbac(typeof(V1Service), typeof(V1ConfigMap), Verbs = RbacVerb.Delete | RbacVerb.Create)]
    private static class Builder;

    [GenericRbac(Groups = ["a"], Resources = ["b"], Verbs = RbacVerb.AllExplicit)]
    private static class Everything;

    [GenericRbac(Urls = ["/metrics"], Verbs = RbacVerb.Get)]
    [GenericRbac(Urls = ["/healthz"], Verbs = RbacVerb.Get)]
    private static class Scraper;

    [GenericRbac(Groups = ["a"], Resources = ["b"])]
    private static class Idle;

    [EntityRbac(typeof(string), Verbs = RbacVerb.Get)]
    private static class Lost;
}
