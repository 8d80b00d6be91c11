using System.Text.Json.Nodes;
using k8s.Models;
using KubeApi.Json;

namespace KubeApi.Resources;

internal sealed class NodeStrategy() : BuiltinStrategy(typeof(V1Node))
{
    public override IReadOnlyCollection<string> SelectableFields { get; } = ["metadata.name", "spec.unschedulable"];

    /// <summary>A kubelet reports its node's status already when it creates the node.</summary>
    public override bool KeepsStatusOnCreate => true;

    public override void Default(JsonObject document)
    {
        document["spec"] ??= new JsonObject();
        var status = document.Child("status");
        if (status["allocatable"] is null && status["capacity"] is { } capacity)
            status["allocatable"] = capacity.DeepClone();
    }
}
