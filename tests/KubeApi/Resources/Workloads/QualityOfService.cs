using System.Text.Json.Nodes;
using KubeApi.Json;

namespace KubeApi.Resources.Workloads;

/// <summary>A pod's qosClass from its containers' resources.</summary>
internal static class QualityOfService
{
    public static string Of(JsonObject spec)
    {
        var containers = (spec.Array("containers") ?? []).OfType<JsonObject>().Select(container => container.Object("resources")).ToList();
        if (!containers.Any(resources => Has(resources, "requests") || Has(resources, "limits")))
            return "BestEffort";
        return containers.All(IsGuaranteed) ? "Guaranteed" : "Burstable";
    }

    private static bool Has(JsonObject? resources, string part) => Value(resources, part, "cpu") is not null || Value(resources, part, "memory") is not null;

    private static bool IsGuaranteed(JsonObject? resources) => ((string[])["cpu", "memory"]).All(name =>
        Value(resources, "limits", name) is { } limit && Value(resources, "requests", name) == limit);

    private static string? Value(JsonObject? resources, string part, string name) => resources.Object(part)?[name]?.ToString();
}
