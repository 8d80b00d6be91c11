using System.Text.Json.Nodes;
using KubeApi.Json;
using KubeApi.Storage;

namespace KubeApi.Cluster.Endpoints;

/// <summary>One EndpointSlice per Service with a selector: where its pods are, by hostname.</summary>
internal sealed class EndpointSliceController(ClusterClient client, ClusterView view) : IController
{
    private const string Slices = "endpointslices.discovery.k8s.io";

    public IEnumerable<ObjectId> Affected(Change change) => change.Collection switch
    {
        "services" => [new ObjectId("services", change.Key)],
        "pods" => view.In(change.Key.Namespace, "services"),
        _ => [],
    };

    public async Task<DateTimeOffset?> ReconcileAsync(ObjectId id)
    {
        if (client.Get(id) is not { } service || service.Object("spec").Object("selector") is not { Count: > 0 } selector)
            return null;
        if (view.Find(new ObjectId("namespaces", new ObjectKey("", id.Key.Namespace))) is { Deleting: true })
            return null;
        var slice = new ObjectId(Slices, id.Key);
        var endpoints = Endpoints(id, selector, service.Object("spec").Flag("publishNotReadyAddresses") ?? false);
        if (client.Get(slice) is { } known)
        {
            if (known["endpoints"].SameAs(endpoints))
                return null;
            known["endpoints"] = endpoints;
            await client.UpdateAsync(slice, known);
            return null;
        }

        await client.CreateAsync(Slices, id.Key.Namespace, new JsonObject
        {
            ["apiVersion"] = "discovery.k8s.io/v1",
            ["kind"] = "EndpointSlice",
            ["metadata"] = new JsonObject
            {
                ["name"] = id.Key.Name,
                ["labels"] = new JsonObject { ["kubernetes.io/service-name"] = id.Key.Name, ["endpointslice.kubernetes.io/managed-by"] = "endpointslice-controller.k8s.io" },
                ["ownerReferences"] = new JsonArray(new JsonObject
                {
                    ["apiVersion"] = "v1", ["kind"] = "Service", ["name"] = id.Key.Name, ["uid"] = service.Metadata().Text("uid"), ["controller"] = true, ["blockOwnerDeletion"] = true,
                }),
            },
            ["addressType"] = "IPv4",
            ["endpoints"] = endpoints,
            ["ports"] = new JsonArray(),
        });
        return null;
    }

    private JsonArray Endpoints(ObjectId service, JsonObject selector, bool unready)
    {
        var endpoints = new JsonArray();
        foreach (var id in view.In(service.Key.Namespace, "pods"))
        {
            if (client.Get(id) is not { } pod || selector.Any(wanted => pod.Metadata().Object("labels").Text(wanted.Key) != wanted.Value?.ToString()))
                continue;
            if (pod.Object("status").Text("podIP") is not { } ip || pod.Object("status").Text("phase") is "Succeeded" or "Failed")
                continue;
            var ready = (pod.Object("status").Array("conditions") ?? []).OfType<JsonObject>().Any(one => one.Text("type") == "Ready" && one.Text("status") == "True");
            var terminating = pod.Metadata()["deletionTimestamp"] is not null;
            var endpoint = new JsonObject
            {
                ["addresses"] = new JsonArray(ip),
                ["conditions"] = new JsonObject { ["ready"] = unready || (ready && !terminating), ["serving"] = unready || ready, ["terminating"] = terminating },
                ["nodeName"] = pod.Object("spec").Text("nodeName"),
                ["targetRef"] = new JsonObject { ["kind"] = "Pod", ["namespace"] = id.Key.Namespace, ["name"] = id.Key.Name, ["uid"] = pod.Metadata().Text("uid") },
            };
            if (pod.Object("spec").Text("subdomain") == service.Key.Name && pod.Object("spec").Text("hostname") is { } hostname)
                endpoint["hostname"] = hostname;
            endpoints.Add(endpoint);
        }

        return endpoints;
    }
}
