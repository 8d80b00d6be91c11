using System.Text.Json.Nodes;
using KubeApi.Json;

namespace KubeApi.Cluster.Kubelets;

/// <summary>What a pod needs before its container can start.</summary>
internal static class PodNeeds
{
    /// <summary>The first thing that is missing, as a kubelet says it; null = nothing.</summary>
    public static PodObstacle? Missing(PodRun pod)
    {
        foreach (var (volume, name, exists) in Volumes(pod))
        {
            // The container's state says nothing of volumes: only the event does.
            if (!exists)
                return new PodObstacle("ContainerCreating", "", [("FailedMount", $"MountVolume.SetUp failed for volume \"{volume}\" : {name} not found")]);
        }

        if (ImageReference.Problem(pod.Image) is { } why)
        {
            var malformed = $"Failed to apply default image tag \"{pod.Image}\": couldn't parse image name \"{pod.Image}\": {why}";
            return new PodObstacle("InvalidImageName", malformed, [("InspectFailed", malformed), ("Failed", "Error: InvalidImageName")]);
        }

        foreach (var (name, exists) in Environment(pod))
        {
            if (!exists)
                return new PodObstacle("CreateContainerConfigError", $"{name} not found", [("Failed", $"Error: {name} not found")]);
        }

        return null;
    }

    private static IEnumerable<(string Volume, string Name, bool Exists)> Volumes(PodRun pod)
    {
        foreach (var volume in (pod.Document.Object("spec").Array("volumes") ?? []).OfType<JsonObject>())
        {
            var name = volume.Text("name") ?? "";
            if (volume.Object("configMap") is { } map && map.Flag("optional") != true)
                yield return (name, $"configmap \"{map.Text("name")}\"", pod.Files.ConfigMap(map.Text("name") ?? "") is not null);
            if (volume.Object("secret") is { } secret && secret.Flag("optional") != true)
                yield return (name, $"secret \"{secret.Text("secretName")}\"", pod.Files.Secret(secret.Text("secretName") ?? "") is not null);
        }
    }

    private static IEnumerable<(string Name, bool Exists)> Environment(PodRun pod)
    {
        foreach (var source in (pod.Container.Array("envFrom") ?? []).OfType<JsonObject>().Concat(ValueSources(pod)))
        {
            if ((source.Object("configMapRef") ?? source.Object("configMapKeyRef")) is { } map && map.Flag("optional") != true)
                yield return ($"configmap \"{map.Text("name")}\"", pod.Files.ConfigMap(map.Text("name") ?? "") is not null);
            if ((source.Object("secretRef") ?? source.Object("secretKeyRef")) is { } secret && secret.Flag("optional") != true)
                yield return ($"secret \"{secret.Text("name")}\"", pod.Files.Secret(secret.Text("name") ?? "") is not null);
        }
    }

    private static IEnumerable<JsonObject> ValueSources(PodRun pod) =>
        (pod.Container.Array("env") ?? []).OfType<JsonObject>().Select(variable => variable.Object("valueFrom")).OfType<JsonObject>();
}
