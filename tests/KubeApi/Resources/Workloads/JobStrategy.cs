using System.Text.Json.Nodes;
using k8s.Models;
using KubeApi.Errors;
using KubeApi.Json;

namespace KubeApi.Resources.Workloads;

/// <summary>Jobs: defaults, the selector the server makes, and what may change.</summary>
internal sealed class JobStrategy() : BuiltinStrategy(typeof(V1Job))
{
    private const string OrphanText = "child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning";

    public override bool CountsGenerations => true;

    public override string DefaultPropagation => "Orphan";

    public override string? DefaultPropagationWarning => OrphanText;

    public override IReadOnlyCollection<string> SelectableFields { get; } = ["metadata.name", "metadata.namespace", "status.successful"];

    public override void Default(JsonObject document)
    {
        var spec = document.Child("spec");
        if (spec["completions"] is null && spec["parallelism"] is null)
        {
            spec["completions"] = 1;
            spec["parallelism"] = 1;
        }

        spec["parallelism"] ??= 1;
        spec["backoffLimit"] ??= spec["backoffLimitPerIndex"] is null ? 6 : int.MaxValue;
        spec["completionMode"] ??= "NonIndexed";
        spec["suspend"] ??= false;
        spec["manualSelector"] ??= false;
        spec["podReplacementPolicy"] ??= spec["podFailurePolicy"] is null ? "TerminatingOrFailed" : "Failed";
        foreach (var rule in (spec.Object("podFailurePolicy").Array("rules") ?? []).OfType<JsonObject>())
        {
            foreach (var pattern in (rule.Array("onPodConditions") ?? []).OfType<JsonObject>())
                pattern["status"] ??= "True";
        }

        PodSpecDefaults.Apply(spec.Child("template").Child("spec"));
    }

    public override void PrepareForCreate(JsonObject document)
    {
        var metadata = document.Metadata();
        var spec = document.Child("spec");
        var templateLabels = spec.Child("template").Child("metadata").Child("labels");
        if (spec.Flag("manualSelector") != true)
        {
            var uid = metadata.Text("uid")!;
            spec["selector"] = new JsonObject { ["matchLabels"] = new JsonObject { ["batch.kubernetes.io/controller-uid"] = uid } };
            foreach (var prefix in (string[])["batch.kubernetes.io/", ""])
            {
                templateLabels[$"{prefix}controller-uid"] = uid;
                templateLabels[$"{prefix}job-name"] = metadata.Text("name");
            }
        }

        // A Job without labels of its own takes those of its pods, the generated ones included.
        if (metadata.Object("labels") is null or { Count: 0 })
            metadata["labels"] = templateLabels.DeepClone();
        document["status"] = new JsonObject();
    }

    public override IEnumerable<FieldError> Validate(JsonObject document, JsonObject? before) =>
        before is null ? JobRules.New(document) : JobRules.Changed(document, before);

    public override IEnumerable<FieldError> ValidateStatus(JsonObject document, JsonObject before) => [];
}
