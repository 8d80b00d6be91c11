using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using KubeApi.Json;

namespace KubeApi.Cluster;

/// <summary>Events about pods, one per reason and text; what happens again is counted.</summary>
internal sealed class PodEvents(ClusterClient client, string component)
{
    public async Task RecordAsync(ObjectId pod, string uid, string type, string reason, string message)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{uid} {reason} {message}")))[..16];
        var id = new ObjectId("events", new(pod.Key.Namespace, $"{pod.Key.Name}.{hash}"));
        if (client.Get(id) is { } known)
        {
            known["count"] = (known.Integer("count") ?? 1) + 1;
            known["lastTimestamp"] = client.Server.Now;
            await client.UpdateAsync(id, known);
            return;
        }

        await client.CreateAsync("events", pod.Key.Namespace, new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Event",
            ["metadata"] = new JsonObject { ["name"] = id.Key.Name, ["namespace"] = pod.Key.Namespace },
            ["involvedObject"] = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Pod", ["namespace"] = pod.Key.Namespace, ["name"] = pod.Key.Name, ["uid"] = uid },
            ["type"] = type,
            ["reason"] = reason,
            ["message"] = message,
            ["source"] = new JsonObject { ["component"] = component },
            ["count"] = 1,
            ["firstTimestamp"] = client.Server.Now,
            ["lastTimestamp"] = client.Server.Now,
        });
    }
}
