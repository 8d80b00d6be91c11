using System.Text.Json.Nodes;
using KubeApi.Errors;
using KubeApi.Http;
using KubeApi.Json;
using KubeApi.Storage;
using KubeApi.Writes;

namespace KubeApi.Subresources;

/// <summary>An eviction: a deletion that asks the pod's disruption budgets first and tells the pod why.</summary>
internal static class PodEviction
{
    public static ApiResponse Create(RequestContext context)
    {
        var body = DocumentReader.Read(context.Request.Body.Span);
        while (true)
        {
            var current = context.Stored();
            AskBudgets(context, current);
            var pod = current.Document();
            Mark(context, pod);
            if (context.Server.Store.Update(context.Type.StoredIn, current, pod, out var marked) != WriteResult.Written)
                continue;
            Deletion.Delete(context, marked, new DeleteOptions { GracePeriodSeconds = body.Object("deleteOptions").Integer("gracePeriodSeconds") });
            return PodBinding.Success();
        }
    }

    private static void AskBudgets(RequestContext context, StoredObject pod)
    {
        var budgets = context.Server.Resources.Get("policy", "poddisruptionbudgets").StoredIn;
        foreach (var (key, stored) in context.Server.Store.List(budgets).Objects)
        {
            var budget = stored.Document();
            var wanted = budget.Object("spec").Object("selector").Object("matchLabels") ?? [];
            if (key.Namespace != pod.Key.Namespace || !wanted.All(label => pod.Labels.GetValueOrDefault(label.Key) == label.Value?.ToString()))
                continue;
            var status = budget.Object("status");
            if (status.Integer("disruptionsAllowed") > 0)
                continue;
            var cause = new JsonObject
            {
                ["reason"] = "DisruptionBudget",
                ["message"] = $"The disruption budget {key.Name} needs {status.Integer("desiredHealthy") ?? 0} healthy pods and has {status.Integer("currentHealthy") ?? 0} currently",
            };
            throw new ApiException(429, "TooManyRequests", "Cannot evict pod as it would violate the pod's disruption budget.", new JsonObject { ["causes"] = new JsonArray(cause) });
        }
    }

    private static void Mark(RequestContext context, JsonObject pod)
    {
        var conditions = pod.Child("status").Array("conditions");
        if (conditions is null)
            pod.Child("status")["conditions"] = conditions = [];
        foreach (var old in conditions.OfType<JsonObject>().Where(condition => condition.Text("type") == "DisruptionTarget").ToList())
            conditions.Remove(old);
        conditions.Add(new JsonObject
        {
            ["type"] = "DisruptionTarget",
            ["status"] = "True",
            ["lastProbeTime"] = null,
            ["lastTransitionTime"] = context.Server.Now,
            ["reason"] = "EvictionByEvictionAPI",
            ["message"] = "Eviction API: evicting",
        });
    }
}
