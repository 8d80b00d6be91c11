using System.Text;
using System.Text.Json.Nodes;
using KubeApi.Cluster.Kubelets;
using KubeApi.Json;

namespace KubeApi.Cluster.Processes;

/// <summary>A container's environment: envFrom, then env, later ones over earlier ones.</summary>
internal static class PodEnvironment
{
    public static Dictionary<string, string> Of(PodRun pod, string address)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var source in (pod.Container.Array("envFrom") ?? []).OfType<JsonObject>())
        {
            var entries = source.Object("secretRef") is { } secret ? pod.Files.Secret(secret.Text("name") ?? "") : pod.Files.ConfigMap(source.Object("configMapRef").Text("name") ?? "");
            foreach (var (name, value) in entries ?? new Dictionary<string, byte[]>())
                variables[$"{source.Text("prefix")}{name}"] = Encoding.UTF8.GetString(value);
        }

        foreach (var variable in (pod.Container.Array("env") ?? []).OfType<JsonObject>())
        {
            var value = variable.Object("valueFrom") is { } from ? From(pod, from, address) : Invocation.Expand(variable.Text("value") ?? "", variables);
            if (value is not null)
                variables[variable.Text("name") ?? ""] = value;
        }

        return variables;
    }

    private static string? From(PodRun pod, JsonObject source, string address)
    {
        if (source.Object("fieldRef").Text("fieldPath") is { } path)
            return Field(pod, path, address);
        var (entries, key) = source.Object("secretKeyRef") is { } secret
            ? (pod.Files.Secret(secret.Text("name") ?? ""), secret.Text("key"))
            : (pod.Files.ConfigMap(source.Object("configMapKeyRef").Text("name") ?? ""), source.Object("configMapKeyRef").Text("key"));
        return entries is not null && key is not null && entries.TryGetValue(key, out var bytes) ? Encoding.UTF8.GetString(bytes) : null;
    }

    private static string? Field(PodRun pod, string path, string address) => path switch
    {
        "metadata.name" => pod.Key.Name,
        "metadata.namespace" => pod.Key.Namespace,
        "metadata.uid" => pod.Uid,
        "spec.nodeName" => pod.Node,
        "spec.serviceAccountName" => pod.Document.Object("spec").Text("serviceAccountName"),
        "status.podIP" or "status.podIPs" => address,
        "status.hostIP" => "127.0.0.1",
        _ when Subscript(path, "metadata.labels") is { } label => pod.Label(label),
        _ when Subscript(path, "metadata.annotations") is { } annotation => pod.Annotation(annotation),
        _ => null,
    };

    private static string? Subscript(string path, string map) =>
        path.StartsWith($"{map}['", StringComparison.Ordinal) && path.EndsWith("']", StringComparison.Ordinal) ? path[(map.Length + 2)..^2] : null;
}
