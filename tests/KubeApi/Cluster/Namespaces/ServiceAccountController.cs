using System.Text.Json.Nodes;
using KubeApi.Storage;

namespace KubeApi.Cluster.Namespaces;

/// <summary>Every namespace has a ServiceAccount named default.</summary>
internal sealed class ServiceAccountController(ClusterClient client) : IController
{
    public IEnumerable<ObjectId> Affected(Change change) => change.Collection switch
    {
        "namespaces" when change.Kind != ChangeKind.Deleted => [new ObjectId("namespaces", change.Key)],
        "serviceaccounts" when change.Kind == ChangeKind.Deleted => [new ObjectId("namespaces", new ObjectKey("", change.Key.Namespace))],
        _ => [],
    };

    public async Task<DateTimeOffset?> ReconcileAsync(ObjectId id)
    {
        if (client.Stored(id) is not { } space || space.Fields.GetValueOrDefault("status.phase") == "Terminating")
            return null;
        if (!client.Exists("serviceaccounts", id.Key.Name, "default"))
        {
            await client.CreateAsync("serviceaccounts", id.Key.Name, new JsonObject
            {
                ["apiVersion"] = "v1",
                ["kind"] = "ServiceAccount",
                ["metadata"] = new JsonObject { ["name"] = "default" },
            });
        }

        return null;
    }
}
