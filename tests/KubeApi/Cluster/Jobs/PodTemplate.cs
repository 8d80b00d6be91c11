using System.Globalization;
using System.Text.Json.Nodes;
using KubeApi.Json;

namespace KubeApi.Cluster.Jobs;

/// <summary>The pod of a completion index.</summary>
internal static class PodTemplate
{
    public static JsonObject Pod(JsonObject job, int index)
    {
        var name = job.Metadata().Text("name")!;
        var template = job.Object("spec").Object("template")!;
        var number = index.ToString(CultureInfo.InvariantCulture);
        var spec = template.Child("spec").Copy();
        // Leaves room for the dash and the five characters that the server appends.
        spec["hostname"] = $"{name}-{number}";
        foreach (var container in (spec.Array("initContainers") ?? []).Concat(spec.Array("containers") ?? []).OfType<JsonObject>())
            AddIndex(container);
        var labels = (template.Object("metadata").Object("labels") ?? []).Copy();
        foreach (var (key, value) in OwnLabels(job))
            labels[key] = value;
        labels[JobPod.IndexKey] = number;
        var annotations = (template.Object("metadata").Object("annotations") ?? []).Copy();
        annotations[JobPod.IndexKey] = number;
        return new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Pod",
            ["metadata"] = new JsonObject
            {
                ["generateName"] = $"{name}-{number}"[..Math.Min(57, name.Length + 1 + number.Length)] + "-",
                ["labels"] = labels,
                ["annotations"] = annotations,
                ["finalizers"] = new JsonArray(JobPod.Tracking),
                ["ownerReferences"] = new JsonArray(OwnerReference(job)),
            },
            ["spec"] = spec,
        };
    }

    private static Dictionary<string, string> OwnLabels(JsonObject job) => new()
    {
        ["batch.kubernetes.io/controller-uid"] = job.Metadata().Text("uid")!,
        ["batch.kubernetes.io/job-name"] = job.Metadata().Text("name")!,
        ["controller-uid"] = job.Metadata().Text("uid")!,
        ["job-name"] = job.Metadata().Text("name")!,
    };

    private static JsonObject OwnerReference(JsonObject job) => new()
    {
        ["apiVersion"] = "batch/v1",
        ["kind"] = "Job",
        ["name"] = job.Metadata().Text("name"),
        ["uid"] = job.Metadata().Text("uid"),
        ["controller"] = true,
        ["blockOwnerDeletion"] = true,
    };

    private static void AddIndex(JsonObject container)
    {
        var environment = container.Array("env");
        if (environment is null)
            container["env"] = environment = [];
        if (environment.OfType<JsonObject>().Any(variable => variable.Text("name") == "JOB_COMPLETION_INDEX"))
            return;
        environment.Add(new JsonObject
        {
            ["name"] = "JOB_COMPLETION_INDEX",
            ["valueFrom"] = new JsonObject { ["fieldRef"] = new JsonObject { ["fieldPath"] = $"metadata.labels['{JobPod.IndexKey}']" } },
        });
    }
}
