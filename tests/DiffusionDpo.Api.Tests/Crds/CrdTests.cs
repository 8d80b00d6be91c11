using DiffusionDpo.Api.FineTunes;
using DiffusionDpo.Api.Options;
using DiffusionDpo.Api.Validation;
using DiffusionDpo.KubeOps.Crds;
using k8s;
using k8s.Models;

namespace DiffusionDpo.Api.Tests.Crds;

public sealed class CrdTests
{
    private static readonly string Yaml = CrdGenerator.ToYaml(typeof(DpoFineTune));
    private static readonly V1CustomResourceDefinitionVersion Version = KubernetesYaml.Deserialize<V1CustomResourceDefinition>(Yaml).Spec.Versions.Single();
    private static readonly V1JSONSchemaProps Spec = Version.Schema.OpenAPIV3Schema.Properties["spec"];

    [Fact]
    public void The_committed_definition_is_what_the_types_give() =>
        Assert.Equal(File.ReadAllText(Repository.Path("crds", $"{CrdGenerator.NameOf(typeof(DpoFineTune))}.yaml")), Yaml);

    [Fact]
    public void The_kubernetes_client_reads_the_definition()
    {
        var crd = KubernetesYaml.Deserialize<V1CustomResourceDefinition>(Yaml, strict: true);
        Assert.Equal(("dpofinetunes.diffusiondpo.io", "diffusiondpo.io", "Namespaced"), (crd.Metadata.Name, crd.Spec.Group, crd.Spec.Scope));
        Assert.Equal(("DpoFineTune", "DpoFineTuneList", "dpofinetunes", "dpofinetune"), (crd.Spec.Names.Kind, crd.Spec.Names.ListKind, crd.Spec.Names.Plural, crd.Spec.Names.Singular));
        Assert.Equal(["dft"], crd.Spec.Names.ShortNames);
        Assert.NotNull(Version.Subresources.Status);
    }

    [Fact]
    public void Listings_show_phase_step_loss_accuracy_attempts_and_age() =>
        Assert.Equal(["Phase", "Step", "Loss", "Acc", "Attempts", "Age"], Version.AdditionalPrinterColumns.Select(c => c.Name));

    [Fact]
    public void Every_printer_column_points_at_something_that_exists()
    {
        foreach (var path in Version.AdditionalPrinterColumns.Select(c => c.JsonPath).Where(p => p.StartsWith(".status.", StringComparison.Ordinal)))
            Assert.NotNull(path[1..].Split('.').Aggregate(Version.Schema.OpenAPIV3Schema, (schema, key) => schema.Properties[key]));
    }

    [Fact]
    public void Every_rule_of_the_validator_is_a_rule_of_the_definition()
    {
        var inCrd = Spec.XKubernetesValidations.Where(r => !r.Rule.Contains("oldSelf", StringComparison.Ordinal)).Select(r => (r.Rule, r.FieldPath, r.Message)).Order();
        Assert.Equal(FineTuneRules.All.Select(r => (Rule: r.Cel, FieldPath: $".{r.Path}", r.Message)).Order(), inCrd);
    }

    [Fact]
    public void Every_rule_points_at_a_field_of_the_schema()
    {
        foreach (var path in Spec.XKubernetesValidations.Select(r => r.FieldPath))
            Assert.NotNull(path[1..].Split('.').Aggregate(Spec, (schema, key) => schema.Properties[key]));
    }

    [Fact]
    public void Every_string_list_and_map_is_bounded() => Walk("spec", Spec, (path, schema) =>
    {
        var bounded = schema.Type switch
        {
            "string" => schema.MaxLength is not null || schema.EnumProperty is not null || schema.Format is not null,
            "array" => schema.MaxItems is not null,
            "object" => schema.Properties is not null || schema.MaxProperties is not null,
            _ => true,
        };
        Assert.True(bounded, path);
    });

    [Fact]
    public void Every_field_is_described() => Walk("spec", Spec, (path, schema) =>
        Assert.True(schema.Description is not null || path.EndsWith(']') || IsOfKubernetes(path), path));

    [Fact]
    public void Only_what_has_no_sensible_default_is_required()
    {
        Assert.Equal(["model", "data", "output"], Spec.Required);
        Assert.Equal(["spec"], Version.Schema.OpenAPIV3Schema.Required);
    }

    [Fact]
    public void What_presets_govern_has_no_default_in_the_definition()
    {
        foreach (var path in (string[])["data.resolution", "data.crop", "training.steps", "training.globalBatch", "training.precision", "optimizer.learningRate", "optimizer.warmupSteps"])
            Assert.Null(path.Split('.').Aggregate(Spec, (schema, key) => schema.Properties[key]).DefaultProperty);
    }

    [Fact]
    public void Quantities_look_the_same_to_the_definition_and_to_the_validator() =>
        Assert.Equal(TextPatterns.Quantity, Spec.Properties["workers"].Properties["sharedMemory"].Pattern);

    // What cannot change within a run is compared as a whole, so a list left out and an empty one must not differ on the server.
    [Fact]
    public void Every_list_in_what_cannot_change_has_a_default()
    {
        foreach (var part in (string[])["model", "data", "training", "adapter", "optimizer", "output"])
        {
            Walk(part, Spec.Properties[part], (path, schema) =>
            {
                foreach (var (key, list) in (schema.Properties ?? new Dictionary<string, V1JSONSchemaProps>()).Where(p => p.Value.Type == "array"))
                    Assert.True(list.DefaultProperty is not null || (schema.Required?.Contains(key) ?? false), $"{path}.{key}");
            });
        }
    }

    [Fact]
    public void The_definition_of_a_kind_with_every_attribute_says_what_they_say()
    {
        var spec = KubernetesYaml.Deserialize<V1CustomResourceDefinition>(CrdGenerator.ToYaml(typeof(EveryAttribute))).Spec.Versions[0].Schema.OpenAPIV3Schema.Properties["spec"];
        Assert.Equal("said by attribute", spec.Properties["described"].Description);
        Assert.Equal(["a", "b"], spec.Properties["chosen"].EnumProperty.Select(v => v.ToString()));
        Assert.Equal("7", spec.Properties["defaulted"].DefaultProperty.ToString());
        Assert.True(spec.Properties["open"].XKubernetesPreserveUnknownFields);
        Assert.DoesNotContain("left", spec.Properties.Keys);
    }

    private static bool IsOfKubernetes(string path) =>
        path.StartsWith("spec.workers.affinity.", StringComparison.Ordinal) || path.StartsWith("spec.workers.resources.", StringComparison.Ordinal) || path.Contains("tolerations[].", StringComparison.Ordinal);

    private static void Walk(string path, V1JSONSchemaProps schema, Action<string, V1JSONSchemaProps> visit)
    {
        visit(path, schema);
        foreach (var (key, property) in schema.Properties ?? new Dictionary<string, V1JSONSchemaProps>()) Walk($"{path}.{key}", property, visit);
        if (schema.Items is not null) Walk($"{path}[]", AsSchema(schema.Items), visit);
        if (schema.AdditionalProperties is not null) Walk($"{path}[]", AsSchema(schema.AdditionalProperties), visit);
    }

    private static V1JSONSchemaProps AsSchema(object part) => part as V1JSONSchemaProps ?? KubernetesJson.Deserialize<V1JSONSchemaProps>(KubernetesJson.Serialize(part));
}
