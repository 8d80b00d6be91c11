using System.Text.Json.Nodes;
using KubeApi.Json;
using KubeApi.Storage;

namespace KubeApi.Cluster.Endpoints;

/// <summary>One EndpointSlice per Service with a selector: where its pods are, by hostname.</summary>
internal sealed class EndpointSliceController(ClusterClient client, ClusterView view) : IController
{
    private const string Slices = "endpointslices.discovery.k8s.io";

    private readonly Dictionary<string, Dictionary<ObjectId, Selection>> _services = new(StringComparer.Ordinal);

    public IEnumerable<ObjectId> Affected(Change change)
    {
        if (change.Collection == "services")
            return [Learn(change)];
        if (change.Collection != "pods" || !_services.TryGetValue(change.Key.Namespace, out var services))
            return [];
        var labels = change.Kind == ChangeKind.Deleted ? null : change.After.Labels;
        return services.Where(service => service.Value.Observe(change.Key, labels)).Select(service => service.Key).ToList();
    }

    public async Task<DateTimeOffset?> ReconcileAsync(ObjectId id)
    {
        if (client.Get(id) is not { } service || !_services[id.Key.Namespace].TryGetValue(id, out var selection) || selection.IsEmpty)
            return null;
        if (view.Find(new ObjectId("namespaces", new ObjectKey("", id.Key.Namespace))) is { Deleting: true })
            return null;
        var slice = new ObjectId(Slices, id.Key);
        var endpoints = Endpoints(id, selection, service.Object("spec").Flag("publishNotReadyAddresses") ?? false);
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

    private JsonArray Endpoints(ObjectId service, Selection selection, bool unready)
    {
        var endpoints = new JsonArray();
        foreach (var key in selection.Pods)
        {
            if (client.Get(new ObjectId("pods", key)) is not { } pod)
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
                ["targetRef"] = new JsonObject { ["kind"] = "Pod", ["namespace"] = key.Namespace, ["name"] = key.Name, ["uid"] = pod.Metadata().Text("uid") },
            };
            if (pod.Object("spec").Text("subdomain") == service.Key.Name && pod.Object("spec").Text("hostname") is { } hostname)
                endpoint["hostname"] = hostname;
            endpoints.Add(endpoint);
        }

        return endpoints;
    }

    private ObjectId Learn(Change change)
    {
        var id = new ObjectId("services", change.Key);
        if (!_services.TryGetValue(change.Key.Namespace, out var services))
            _services[change.Key.Namespace] = services = [];
        if (change.Kind == ChangeKind.Deleted)
        {
            services.Remove(id);
            return id;
        }

        var selector = change.After.Document().Object("spec").Object("selector") ?? [];
        var selection = services[id] = new Selection(selector.ToDictionary(entry => entry.Key, entry => entry.Value?.ToString() ?? "", StringComparer.Ordinal));
        foreach (var pod in view.In(change.Key.Namespace, "pods"))
            selection.Observe(pod.Key, client.Stored(pod)?.Labels);
        return id;
    }
}
