using System.Text.Json.Nodes;
using KubeApi.Json;

namespace KubeApi.Cluster.Jobs;

/// <summary>What a Job's podFailurePolicy makes of a failed pod: the first rule that matches decides.</summary>
internal static class PodFailurePolicy
{
    public static (FailureAction Action, string Message) Judge(JsonObject job, JobPod pod)
    {
        var rules = (job.Object("spec").Object("podFailurePolicy").Array("rules") ?? []).OfType<JsonObject>().ToList();
        for (var index = 0; index < rules.Count; index++)
        {
            if (Match(rules[index], pod) is not { } what)
                continue;
            return rules[index].Text("action") switch
            {
                "FailJob" => (FailureAction.FailJob, $"{what} matching FailJob rule at index {index}"),
                "Ignore" => (FailureAction.Ignore, ""),
                _ => (FailureAction.Count, ""),
            };
        }

        return (FailureAction.Count, "");
    }

    private static string? Match(JsonObject rule, JobPod pod)
    {
        var name = $"{pod.Id.Key.Namespace}/{pod.Id.Key.Name}";
        if (rule.Object("onExitCodes") is { } exits)
            return ExitCode(exits, pod) is { } match ? $"Container {match.Container} for pod {name} failed with exit code {match.Code}" : null;
        var met = (rule.Array("onPodConditions") ?? []).OfType<JsonObject>().FirstOrDefault(pattern => Conditions(pod).Any(condition =>
            condition.Text("type") == pattern.Text("type") && condition.Text("status") == (pattern.Text("status") ?? "True")));
        return met is null ? null : $"Pod {name} has condition {met.Text("type")}";
    }

    private static (string Container, long Code)? ExitCode(JsonObject exits, JobPod pod)
    {
        var values = (exits.Array("values") ?? []).Select(value => value.AsInteger() ?? -1).ToHashSet();
        var status = pod.Document.Object("status");
        foreach (var container in (status.Array("containerStatuses") ?? []).Concat(status.Array("initContainerStatuses") ?? []).OfType<JsonObject>())
        {
            if (container.Object("state").Object("terminated").Integer("exitCode") is not { } code || code == 0)
                continue;
            if (exits.Text("containerName") is { Length: > 0 } only && only != container.Text("name"))
                continue;
            if (values.Contains(code) == (exits.Text("operator") != "NotIn"))
                return (container.Text("name") ?? "", code);
        }

        return null;
    }

    private static IEnumerable<JsonObject> Conditions(JobPod pod) => (pod.Document.Object("status").Array("conditions") ?? []).OfType<JsonObject>();
}
