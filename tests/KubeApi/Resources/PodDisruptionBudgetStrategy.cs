using System.Text.Json.Nodes;
using k8s.Models;

namespace KubeApi.Resources;

internal sealed class PodDisruptionBudgetStrategy() : BuiltinStrategy(typeof(V1PodDisruptionBudget))
{
    public override bool CountsGenerations => true;

    public override void PrepareForCreate(JsonObject document) => document["status"] = new JsonObject
    {
        ["disruptionsAllowed"] = 0,
        ["currentHealthy"] = 0,
        ["desiredHealthy"] = 0,
        ["expectedPods"] = 0,
    };
}
