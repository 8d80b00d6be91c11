using System.Text.Json.Nodes;
using KubeApi.Json;
using KubeApi.Storage;

namespace KubeApi.Cluster.Disruption;

/// <summary>How many of a PodDisruptionBudget's pods may be evicted now.</summary>
internal sealed class DisruptionController(ClusterClient client, ClusterView view) : IController
{
    private const string Budgets = "poddisruptionbudgets.policy";

    public IEnumerable<ObjectId> Affected(Change change) => change.Collection switch
    {
        Budgets => [new ObjectId(Budgets, change.Key)],
        "pods" => view.In(change.Key.Namespace, Budgets),
        _ => [],
    };

    public async Task<DateTimeOffset?> ReconcileAsync(ObjectId id)
    {
        if (client.Get(id) is not { } budget)
            return null;
        var pods = Selected(id, budget.Object("spec").Object("selector").Object("matchLabels") ?? []);
        var healthy = pods.Count(IsHealthy);
        var desired = Desired(budget.Child("spec"), pods.Count);
        var allowed = Math.Max(0, healthy - desired);
        var before = budget.Copy();
        var status = budget.Child("status");
        status["observedGeneration"] = budget.Metadata()["generation"]?.DeepClone();
        status["disruptionsAllowed"] = allowed;
        status["currentHealthy"] = healthy;
        status["desiredHealthy"] = desired;
        status["expectedPods"] = pods.Count;
        SetCondition(budget, status, allowed > 0);
        if (!budget.SameAs(before))
            await client.UpdateStatusAsync(id, budget);
        return null;
    }

    private void SetCondition(JsonObject budget, JsonObject status, bool allowed)
    {
        if (status["conditions"] is not JsonArray conditions)
            status["conditions"] = conditions = [];
        var known = conditions.OfType<JsonObject>().FirstOrDefault(condition => condition.Text("type") == "DisruptionAllowed");
        if (known is null)
            conditions.Add(known = new JsonObject { ["type"] = "DisruptionAllowed" });
        var value = allowed ? "True" : "False";
        if (known.Text("status") != value)
            known["lastTransitionTime"] = client.Server.Now;
        known["status"] = value;
        known["observedGeneration"] = budget.Metadata()["generation"]?.DeepClone();
        known["reason"] = allowed ? "SufficientPods" : "InsufficientPods";
        known["message"] = "";
    }

    private List<JsonObject> Selected(ObjectId id, JsonObject labels) => view.In(id.Key.Namespace, "pods")
        .Select(client.Get).OfType<JsonObject>()
        .Where(pod => labels.All(wanted => pod.Metadata().Object("labels").Text(wanted.Key) == wanted.Value?.ToString()))
        .Where(pod => pod.Object("status").Text("phase") is not ("Succeeded" or "Failed"))
        .ToList();

    private static bool IsHealthy(JsonObject pod) => pod.Metadata()["deletionTimestamp"] is null
        && (pod.Object("status").Array("conditions") ?? []).OfType<JsonObject>().Any(one => one.Text("type") == "Ready" && one.Text("status") == "True");

    private static int Desired(JsonObject spec, int pods)
    {
        if (spec["minAvailable"] is { } least)
            return Scaled(least, pods);
        return spec["maxUnavailable"] is { } most ? Math.Max(0, pods - Scaled(most, pods)) : pods;
    }

    private static int Scaled(JsonNode value, int pods) => value.AsInteger() is { } count
        ? (int)count
        : (int)Math.Ceiling(int.Parse(value.ToString().TrimEnd('%'), System.Globalization.CultureInfo.InvariantCulture) * pods / 100.0);
}
