using System.Text.Json.Nodes;
using KubeApi.Json;

namespace KubeApi.Resources.Workloads;

/// <summary>The defaults of a pod's spec, in Pods and in pod templates alike.</summary>
internal static class PodSpecDefaults
{
    private const int ReadableFile = 420;

    public static void Apply(JsonObject spec)
    {
        spec["restartPolicy"] ??= "Always";
        spec["terminationGracePeriodSeconds"] ??= 30;
        spec["dnsPolicy"] ??= "ClusterFirst";
        spec["securityContext"] ??= new JsonObject();
        spec["schedulerName"] ??= "default-scheduler";
        if (spec["serviceAccountName"] is { } account)
            spec["serviceAccount"] = account.DeepClone();
        foreach (var list in (string[])["containers", "initContainers"])
        {
            foreach (var container in (spec.Array(list) ?? []).OfType<JsonObject>())
                Container(container);
        }

        foreach (var volume in (spec.Array("volumes") ?? []).OfType<JsonObject>())
            Volume(volume);
    }

    private static void Container(JsonObject container)
    {
        container["resources"] ??= new JsonObject();
        container["terminationMessagePath"] ??= "/dev/termination-log";
        container["terminationMessagePolicy"] ??= "File";
        container["imagePullPolicy"] ??= PullPolicy(container.Text("image") ?? "");
        foreach (var port in (container.Array("ports") ?? []).OfType<JsonObject>())
            port["protocol"] ??= "TCP";
        foreach (var variable in (container.Array("env") ?? []).OfType<JsonObject>())
        {
            if (variable.Object("valueFrom").Object("fieldRef") is { } field)
                field["apiVersion"] ??= "v1";
        }

        foreach (var probe in (string[])["livenessProbe", "readinessProbe", "startupProbe"])
        {
            if (container.Object(probe) is { } given)
                Probe(given);
        }
    }

    private static string PullPolicy(string image)
    {
        var tag = image[(image.LastIndexOf('/') + 1)..];
        return tag.Contains('@', StringComparison.Ordinal) || tag.Contains(':', StringComparison.Ordinal) && !tag.EndsWith(":latest", StringComparison.Ordinal)
            ? "IfNotPresent"
            : "Always";
    }

    private static void Probe(JsonObject probe)
    {
        probe["timeoutSeconds"] ??= 1;
        probe["periodSeconds"] ??= 10;
        probe["successThreshold"] ??= 1;
        probe["failureThreshold"] ??= 3;
        if (probe.Object("httpGet") is { } get)
        {
            get["path"] ??= "/";
            get["scheme"] ??= "HTTP";
        }
    }

    private static void Volume(JsonObject volume)
    {
        if (volume.Count == 1)
            volume["emptyDir"] = new JsonObject();
        foreach (var source in (string[])["configMap", "secret", "projected", "downwardAPI"])
        {
            if (volume.Object(source) is { } files)
                files["defaultMode"] ??= ReadableFile;
        }

        if (volume.Object("hostPath") is { } host)
            host["type"] ??= "";
    }
}
