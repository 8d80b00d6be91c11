using System.Text.Json.Nodes;
using KubeApi.Errors;
using KubeApi.Json;

namespace KubeApi.Resources.Workloads;

/// <summary>What a Job must fulfil, and which of its fields may change.</summary>
internal static class JobRules
{
    private static readonly string[] SchedulingFields = ["nodeSelector", "affinity", "tolerations", "schedulingGates"];

    public static IEnumerable<FieldError> New(JsonObject document)
    {
        var spec = document.Child("spec");
        if (spec.Text("completionMode") == "Indexed" && spec["completions"] is null)
            yield return FieldError.Required("spec.completions", "when completion mode is Indexed");
        var replacement = spec.Text("podReplacementPolicy");
        if (spec["podFailurePolicy"] is not null && replacement != "Failed")
            yield return FieldError.NotSupported("spec.podReplacementPolicy", FieldError.Quote(replacement ?? ""), ["Failed"]);
        var restart = spec.Child("template").Child("spec").Text("restartPolicy");
        if (restart is not ("Never" or "OnFailure"))
            yield return FieldError.NotSupported("spec.template.spec.restartPolicy", FieldError.Quote(restart ?? ""), ["OnFailure", "Never"]);
        if (spec.Child("template").Child("spec").Array("containers") is null or { Count: 0 })
            yield return FieldError.Required("spec.template.spec.containers", "");
        foreach (var name in (string[])["parallelism", "completions", "backoffLimit", "activeDeadlineSeconds", "ttlSecondsAfterFinished"])
        {
            if (spec.Integer(name) is < 0 and var number)
                yield return FieldError.Invalid($"spec.{name}", $"{number}", "must be greater than or equal to 0");
        }
    }

    public static IEnumerable<FieldError> Changed(JsonObject document, JsonObject before)
    {
        JsonObject spec = document.Child("spec"), old = before.Child("spec");
        if (!spec["completions"].SameAs(old["completions"]) && !(spec.Text("completionMode") == "Indexed" && spec["completions"].SameAs(spec["parallelism"])))
            yield return FieldError.InvalidValue("spec.completions", spec["completions"], spec.Text("completionMode") == "Indexed" ? "can only be modified in tandem with spec.parallelism" : "field is immutable");
        foreach (var name in (string[])["selector", "completionMode", "podFailurePolicy", "backoffLimitPerIndex", "managedBy", "successPolicy"])
        {
            if (!spec[name].SameAs(old[name]))
                yield return FieldError.InvalidValue($"spec.{name}", spec[name], "field is immutable");
        }

        if (!Fixed(spec, old, before).SameAs(Fixed(old, old, before)))
            yield return FieldError.InvalidValue("spec.template", spec["template"], "field is immutable");
    }

    // While a Job is suspended and has not started, where and with what its pods run may still change.
    private static JsonObject Fixed(JsonObject spec, JsonObject old, JsonObject before)
    {
        var template = spec.Child("template").Copy();
        if (old.Flag("suspend") != true || before.Object("status")?["startTime"] is not null)
            return template;
        foreach (var name in SchedulingFields)
            template.Child("spec").Remove(name);
        foreach (var name in (string[])["labels", "annotations"])
            template.Child("metadata").Remove(name);
        foreach (var container in (template.Child("spec").Array("containers") ?? []).OfType<JsonObject>())
            container.Remove("resources");
        return template;
    }
}
