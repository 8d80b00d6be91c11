using System.Text.Json.Nodes;
using k8s.Models;
using KubeApi.Errors;
using KubeApi.Json;

namespace KubeApi.Resources.Workloads;

/// <summary>Pods: their defaults, a nearly immutable spec, and deletion with a grace period.</summary>
internal sealed class PodStrategy() : BuiltinStrategy(typeof(V1Pod))
{
    private const string ImmutableText = "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

    public override bool CountsGenerations => true;

    public override bool DeletesGracefully => true;

    public override IReadOnlyCollection<string> SelectableFields { get; } =
    [
        "metadata.name", "metadata.namespace", "spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName",
        "spec.hostNetwork", "status.phase", "status.podIP", "status.podIPs", "status.nominatedNodeName",
    ];

    public override string UnknownFieldLabel(string field) => $"field label not supported: {field}";

    public override void Default(JsonObject document)
    {
        var spec = document.Child("spec");
        spec["enableServiceLinks"] ??= true;
        PodSpecDefaults.Apply(spec);
        foreach (var container in (spec.Array("containers") ?? []).OfType<JsonObject>())
        {
            foreach (var (resource, limit) in container.Object("resources").Object("limits") ?? [])
                container.Child("resources").Child("requests")[resource] ??= limit?.DeepClone();
        }

        // These two times of a condition are shown even where they are not set.
        foreach (var condition in (document.Object("status").Array("conditions") ?? []).OfType<JsonObject>())
        {
            condition.TryAdd("lastProbeTime", null);
            condition.TryAdd("lastTransitionTime", null);
        }

        // So are these two of a container.
        foreach (var container in (document.Object("status").Array("containerStatuses") ?? []).OfType<JsonObject>())
        {
            container["state"] ??= new JsonObject();
            container["lastState"] ??= new JsonObject();
        }
    }

    public override void PrepareForCreate(JsonObject document)
    {
        var spec = document.Child("spec");
        spec["serviceAccountName"] ??= "default";
        spec["serviceAccount"] = spec["serviceAccountName"]!.DeepClone();
        spec["priority"] ??= 0;
        spec["preemptionPolicy"] ??= "PreemptLowerPriority";
        Tolerate(spec, "node.kubernetes.io/not-ready");
        Tolerate(spec, "node.kubernetes.io/unreachable");
        document["status"] = new JsonObject { ["phase"] = "Pending", ["qosClass"] = QualityOfService.Of(spec) };
    }

    public override void PrepareForUpdate(JsonObject document, JsonObject before) => document.Assign("status", before["status"]);

    public override IEnumerable<FieldError> Validate(JsonObject document, JsonObject? before)
    {
        if (document.Object("spec").Array("containers") is null or { Count: 0 })
            yield return FieldError.Required("spec.containers", "");
        if (before is null)
            yield break;
        if (!Fixed(document).SameAs(Fixed(before)))
            yield return FieldError.Forbidden("spec", ImmutableText);
    }

    public override IEnumerable<FieldError> ValidateStatus(JsonObject document, JsonObject before) => [];

    public override long GracePeriod(JsonObject document, long? asked)
    {
        if (string.IsNullOrEmpty(document.Object("spec").Text("nodeName")) || document.Object("status").Text("phase") is "Succeeded" or "Failed")
            return 0;
        var seconds = asked ?? document.Object("spec").Integer("terminationGracePeriodSeconds") ?? 30;
        return seconds < 0 ? 1 : seconds;
    }

    private static void Tolerate(JsonObject spec, string taint)
    {
        var tolerations = spec.Array("tolerations") ?? [];
        if (tolerations.OfType<JsonObject>().Any(toleration => toleration.Text("key") == taint || toleration["key"] is null && toleration.Text("operator") == "Exists"))
            return;
        if (tolerations.Parent is null)
            spec["tolerations"] = tolerations;
        tolerations.Add(new JsonObject { ["key"] = taint, ["operator"] = "Exists", ["effect"] = "NoExecute", ["tolerationSeconds"] = 300 });
    }

    /// <summary>What may not change in a pod's spec.</summary>
    private static JsonObject Fixed(JsonObject document)
    {
        var spec = document.Object("spec")?.Copy() ?? [];
        foreach (var name in (string[])["activeDeadlineSeconds", "tolerations", "nodeName", "schedulingGates", "terminationGracePeriodSeconds"])
            spec.Remove(name);
        foreach (var container in (spec.Array("containers") ?? []).Concat(spec.Array("initContainers") ?? []).OfType<JsonObject>())
            container.Remove("image");
        return spec;
    }
}
