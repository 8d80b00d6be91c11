using System.Globalization;
using System.Text.Json.Nodes;
using KubeApi.Json;

namespace KubeApi.Cluster.Kubelets;

/// <summary>Puts what a kubelet sees into a pod's status; conditions of others stay.</summary>
internal static class PodStatusWriter
{
    // The order in which kwok writes them; what others wrote comes after.
    private static readonly string[] Own = ["Initialized", "Ready", "ContainersReady", "PodScheduled"];

    public static void Running(JsonObject pod, string podIp, string now)
    {
        var status = pod.Child("status");
        status["phase"] = "Running";
        Conditions(status, true, "", now);
        status["podIP"] = podIp;
        status["podIPs"] = new JsonArray(new JsonObject { ["ip"] = podIp });
        status["startTime"] ??= now;
        status["containerStatuses"] = Containers(pod, new JsonObject { ["running"] = new JsonObject { ["startedAt"] = now } }, true);
    }

    public static void Waiting(JsonObject pod, string reason, string message, string now)
    {
        var status = pod.Child("status");
        status["phase"] = "Pending";
        Conditions(status, false, "ContainersNotReady", now);
        status["startTime"] ??= now;
        var waiting = new JsonObject { ["reason"] = reason };
        if (message.Length > 0)
            waiting["message"] = message;
        status["containerStatuses"] = Containers(pod, new JsonObject { ["waiting"] = waiting }, false);
    }

    public static void Ended(JsonObject pod, ContainerExit exit, string now)
    {
        var status = pod.Child("status");
        status["phase"] = exit.Code == 0 ? "Succeeded" : "Failed";
        Conditions(status, false, exit.Code == 0 ? "PodCompleted" : "PodFailed", now);
        var terminated = new JsonObject
        {
            ["exitCode"] = exit.Code,
            ["reason"] = exit.Word,
            ["startedAt"] = Text(exit.StartedAt),
            ["finishedAt"] = Text(exit.FinishedAt),
        };
        if (exit.Message.Length > 0)
            terminated["message"] = exit.Message;
        status["containerStatuses"] = Containers(pod, new JsonObject { ["terminated"] = terminated }, false);
    }

    /// <summary>A pod that is deleted before its container ever ran still gets a final phase.</summary>
    public static void NeverRan(JsonObject pod, string now)
    {
        pod.Child("status")["phase"] = "Failed";
        Conditions(pod.Child("status"), false, "PodFailed", now);
    }

    public static void SetCondition(JsonObject status, string type, bool value, string reason, string message, string now)
    {
        if (status["conditions"] is not JsonArray conditions)
            status["conditions"] = conditions = [];
        var known = conditions.OfType<JsonObject>().FirstOrDefault(condition => condition.Text("type") == type);
        var text = value ? "True" : "False";
        if (known is null)
            conditions.Add(known = new JsonObject { ["type"] = type, ["status"] = text, ["lastProbeTime"] = null, ["lastTransitionTime"] = now });
        if (known.Text("status") != text)
            known["lastTransitionTime"] = now;
        known["status"] = text;
        known.Assign("reason", reason.Length == 0 ? null : reason);
        known.Assign("message", message.Length == 0 ? null : message);
    }

    private static void Conditions(JsonObject status, bool ready, string reason, string now)
    {
        SetCondition(status, "Initialized", true, "", "", now);
        SetCondition(status, "Ready", ready, reason, "", now);
        SetCondition(status, "ContainersReady", ready, reason, "", now);
        SetCondition(status, "PodScheduled", true, "", "", now);
        var ordered = status.Array("conditions")!.OfType<JsonObject>().OrderBy(condition => Rank(condition.Text("type"))).Select(condition => (JsonNode)condition.Copy()).ToArray();
        status["conditions"] = new JsonArray(ordered);
    }

    private static int Rank(string? type) => Array.IndexOf(Own, type) is >= 0 and var rank ? rank : Own.Length;

    private static JsonArray Containers(JsonObject pod, JsonObject state, bool ready) =>
        [.. (pod.Object("spec").Array("containers") ?? []).OfType<JsonObject>().Select(container => (JsonNode)new JsonObject
        {
            ["name"] = container.Text("name"),
            ["state"] = state.Copy(),
            ["lastState"] = new JsonObject(),
            ["ready"] = ready,
            ["restartCount"] = 0,
            ["image"] = container.Text("image"),
            ["imageID"] = "",
        })];

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
