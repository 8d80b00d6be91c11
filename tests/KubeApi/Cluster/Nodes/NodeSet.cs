using System.Text.Json.Nodes;
using KubeApi.Storage;

namespace KubeApi.Cluster.Nodes;

/// <summary>The machines behind the Node objects: a test adds, loses and returns them.</summary>
public sealed class NodeSet(ApiServer server)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, DateTimeOffset> _lost = new(StringComparer.Ordinal);

    internal Action<ObjectId> Changed { get; set; } = _ => { };

    /// <summary>Adds a node with GPUs.</summary>
    public async Task AddAsync(string name, int gpus = 0, IReadOnlyDictionary<string, string>? labels = null)
    {
        var capacity = new JsonObject { ["cpu"] = "64", ["memory"] = "512Gi", ["pods"] = "110" };
        if (gpus > 0)
            capacity["nvidia.com/gpu"] = gpus.ToString(System.Globalization.CultureInfo.InvariantCulture);
        var node = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Node",
            ["metadata"] = new JsonObject
            {
                ["name"] = name,
                ["labels"] = new JsonObject([.. (labels ?? new Dictionary<string, string>()).Select(label => KeyValuePair.Create(label.Key, (JsonNode?)label.Value))]),
            },
        };
        var client = new ClusterClient(server, "kubelet");
        var created = await client.CreateAsync("nodes", "", node);
        created["status"] = new JsonObject { ["capacity"] = capacity.DeepClone(), ["allocatable"] = capacity };
        await client.UpdateStatusAsync(new ObjectId("nodes", new ObjectKey("", name)), created);
    }

    /// <summary>The node falls silent: its containers are gone or cut off, nobody reports.</summary>
    public void Lose(string name)
    {
        lock (_gate)
            _lost[name] = server.Time.GetUtcNow();
        Changed(new ObjectId("nodes", new ObjectKey("", name)));
    }

    /// <summary>The node is back.</summary>
    public void Return(string name)
    {
        lock (_gate)
            _lost.Remove(name);
        Changed(new ObjectId("nodes", new ObjectKey("", name)));
    }

    internal bool IsAlive(string name) => LostAt(name) is null;

    internal DateTimeOffset? LostAt(string name)
    {
        lock (_gate)
            return _lost.TryGetValue(name, out var time) ? time : null;
    }
}
