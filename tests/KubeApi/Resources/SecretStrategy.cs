using System.Text;
using System.Text.Json.Nodes;
using k8s.Models;
using KubeApi.Json;

namespace KubeApi.Resources;

internal sealed class SecretStrategy() : BuiltinStrategy(typeof(V1Secret))
{
    public override void Default(JsonObject document)
    {
        document["type"] ??= "Opaque";
        if (document.Object("stringData") is not { } texts)
            return;
        foreach (var (key, value) in texts)
            document.Child("data")[key] = Convert.ToBase64String(Encoding.UTF8.GetBytes(value?.ToString() ?? ""));
        document.Remove("stringData");
    }
}
