using System.Globalization;
using System.Text.Json.Nodes;
using KubeApi.Cluster.Nodes;
using KubeApi.Json;
using KubeApi.Storage;

namespace KubeApi.Cluster.Kubelets;

/// <summary>The kubelets of all nodes: start the containers of pods bound to them, report, stop, and confirm deletions.</summary>
internal sealed class Kubelet(ClusterClient client, ClusterView view, IContainerRuntime runtime, NodeSet nodes, FakeClusterOptions options) : IController
{
    private readonly Dictionary<string, IContainer> _containers = new(StringComparer.Ordinal);
    private readonly Dictionary<ObjectId, string> _uids = [];
    private readonly ImagePulls _pulls = new();
    private readonly PodEvents _events = new(client, "kubelet");

    /// <summary>Called when a container ended by itself.</summary>
    public Action<ObjectId> Changed { get; set; } = _ => { };

    public IEnumerable<ObjectId> Affected(Change change)
    {
        if (change.Collection == "pods")
            return change.Kind == ChangeKind.Deleted || change.After.Fields.ContainsKey("spec.nodeName") ? [new ObjectId("pods", change.Key)] : [];
        // Pods that wait for a ConfigMap or a Secret look again.
        return change.Collection is "configmaps" or "secrets" && change.Kind == ChangeKind.Added
            ? view.In(change.Key.Namespace, "pods").Where(id => client.Stored(id)?.Fields.GetValueOrDefault("status.phase") == "Pending").ToList()
            : [];
    }

    public async Task<DateTimeOffset?> ReconcileAsync(ObjectId id)
    {
        if (client.Get(id) is not { } pod)
        {
            // Deleted by force: nobody waits for the container.
            if (_uids.Remove(id, out var gone) && _containers.Remove(gone, out var left))
                left.Stop(TimeSpan.Zero);
            return null;
        }

        var node = pod.Object("spec").Text("nodeName") ?? "";
        if (node.Length == 0 || !nodes.IsAlive(node) || !client.Exists("nodes", "", node))
            return null;
        var uid = pod.Metadata().Text("uid")!;
        var container = _containers.GetValueOrDefault(uid);
        if (pod.Object("status").Text("phase") is "Succeeded" or "Failed")
        {
            await ForgetAsync(id, pod, uid);
            return null;
        }

        if (pod.Metadata()["deletionTimestamp"] is not null)
            return await StopAsync(id, pod, uid, container);
        if (container is null)
            return await StartAsync(id, pod, uid);
        if (container.Exit is not { } exit)
            return container.Due;
        PodStatusWriter.Ended(pod, exit, client.Server.Now);
        await client.UpdateStatusAsync(id, pod);
        return null;
    }

    private async Task<DateTimeOffset?> StartAsync(ObjectId id, JsonObject pod, string uid)
    {
        var run = new PodRun(pod, new PodFiles(client.Server.Store, id.Key.Namespace));
        if (PodNeeds.Missing(run) is { } obstacle)
        {
            await WaitAsync(id, pod, obstacle);
            return null;
        }

        var now = client.Server.Time.GetUtcNow();
        if (_pulls.BackOff(uid, now) is { } pull)
        {
            if (now < pull.SaidFrom)
                return pull.SaidFrom;
            await BackOffAsync(id, pod, run.Image, pull.Error);
            return pull.Until;
        }

        var start = runtime.Start(run, () => Changed(id));
        if (start.Container is not { } container)
        {
            await WaitAsync(id, pod, Refused(start, run.Image));
            return start.Reason == "ErrImagePull" ? _pulls.Failed(uid, start.Message, now).SaidFrom : start.Retry;
        }

        _pulls.Forget(uid);
        _containers[uid] = container;
        _uids[id] = uid;
        PodStatusWriter.Running(pod, container.PodIp, client.Server.Now);
        await client.UpdateStatusAsync(id, pod);
        return container.Due;
    }

    private static PodObstacle Refused(ContainerStart start, string image) => new(start.Reason, start.Message, start.Reason == "ErrImagePull"
        ? [("Failed", $"Failed to pull image \"{image}\": {start.Message}"), ("Failed", "Error: ErrImagePull")]
        : [("Failed", $"Error: {start.Message}")]);

    private async Task BackOffAsync(ObjectId id, JsonObject pod, string image, string error)
    {
        var message = $"Back-off pulling image \"{image}\"";
        await _events.RecordAsync(id, pod.Metadata().Text("uid")!, "Normal", "BackOff", message);
        await WaitAsync(id, pod, new PodObstacle("ImagePullBackOff", $"{message}: ErrImagePull: {error}", [("Failed", "Error: ImagePullBackOff")]));
    }

    private async Task WaitAsync(ObjectId id, JsonObject pod, PodObstacle obstacle)
    {
        foreach (var (reason, note) in obstacle.Warnings)
            await _events.RecordAsync(id, pod.Metadata().Text("uid")!, "Warning", reason, note);
        var before = pod.Copy();
        PodStatusWriter.Waiting(pod, obstacle.Reason, obstacle.Message, client.Server.Now);
        if (!pod.SameAs(before))
            await client.UpdateStatusAsync(id, pod);
    }

    private async Task<DateTimeOffset?> StopAsync(ObjectId id, JsonObject pod, string uid, IContainer? container)
    {
        if (options.LikeKwok)
        {
            if (pod.Metadata().Integer("deletionGracePeriodSeconds") > 0)
                await client.DeleteAsync(id, uid, grace: 0);
            return null;
        }

        if (container is { Exit: null })
        {
            container.Stop(GraceLeft(pod));
            if (container.Exit is null)
                return container.Due;
        }

        if (container?.Exit is { } exit)
            PodStatusWriter.Ended(pod, exit, client.Server.Now);
        else
            PodStatusWriter.NeverRan(pod, client.Server.Now);
        await client.UpdateStatusAsync(id, pod);
        return null;
    }

    private TimeSpan GraceLeft(JsonObject pod)
    {
        var end = DateTimeOffset.Parse(pod.Metadata().Text("deletionTimestamp")!, CultureInfo.InvariantCulture);
        var left = end - client.Server.Time.GetUtcNow();
        return left < TimeSpan.Zero ? TimeSpan.Zero : left;
    }

    /// <summary>The phase is final: the container is history, and a deletion that waited for it is confirmed.</summary>
    private async Task ForgetAsync(ObjectId id, JsonObject pod, string uid)
    {
        _uids.Remove(id);
        _pulls.Forget(uid);
        if (_containers.Remove(uid, out var container) && container.Exit is null)
            container.Stop(TimeSpan.Zero);
        if (pod.Metadata()["deletionTimestamp"] is not null && pod.Metadata().Integer("deletionGracePeriodSeconds") is > 0)
            await client.DeleteAsync(id, uid, grace: 0);
    }
}
