using System.Text.Json.Nodes;
using KubeApi.Storage;

namespace KubeApi.Resources;

/// <summary>What a fresh cluster has.</summary>
internal static class Bootstrap
{
    public static void Fill(ApiServer server)
    {
        foreach (var name in (string[])["default", "kube-node-lease", "kube-public", "kube-system"])
        {
            server.Store.Create("namespaces", new ObjectKey("", name), new JsonObject
            {
                ["kind"] = "Namespace",
                ["apiVersion"] = "v1",
                ["metadata"] = new JsonObject
                {
                    ["name"] = name,
                    ["uid"] = server.Names.Uid(),
                    ["creationTimestamp"] = server.Now,
                    ["labels"] = new JsonObject { ["kubernetes.io/metadata.name"] = name },
                },
                ["spec"] = new JsonObject { ["finalizers"] = new JsonArray("kubernetes") },
                ["status"] = new JsonObject { ["phase"] = "Active" },
            }, out _);
        }
    }
}
