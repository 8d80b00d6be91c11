using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using DiffusionDpo.Api.Plans;
using KubeApi.Cluster.Jobs;
using KubeApi.Cluster.Kubelets;
using KubeApi.Json;

namespace DiffusionDpo.Operator.Tests.RealServer;

/// <summary>
/// Scheduler, kubelet and, where the server has none of its own, Job controller of one namespace, over the plain API. It has no containers: a
/// pod runs as soon as it is there and ends as <see cref="Ends"/> says, or when it is deleted.
/// </summary>
internal sealed class PlayedNode : IAsyncDisposable
{
    public const string Name = "node-0";

    /// <summary>What trainers exit with that have saved at SIGTERM.</summary>
    private const int PreemptedSaved = 86;

    private readonly ApiUser _user;
    private readonly string _pods;
    private readonly JobPlayer? _jobs;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _playing;

    public PlayedNode(ApiUser user, string ns, bool playsJobs)
    {
        _user = user;
        _pods = $"/api/v1/namespaces/{ns}/pods";
        _jobs = playsJobs ? new JobPlayer(user, ns) : null;
        _playing = Task.Run(PlayAsync);
    }

    /// <summary>How a running pod ends now; null: it goes on.</summary>
    public Func<PlayedPod, ContainerExit?> Ends { get; set; } = _ => null;

    /// <summary>An end for <see cref="Ends"/>.</summary>
    public static ContainerExit Exit(int code, string message = "", string reason = "") => new(code, message, DateTimeOffset.UtcNow, DateTimeOffset.UtcNow, reason);

    /// <summary>Fails as the play did.</summary>
    public void ThrowIfBroken()
    {
        if (_playing.IsFaulted) _playing.GetAwaiter().GetResult();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _playing;
        _stop.Dispose();
    }

    private async Task PlayAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            foreach (var pod in await _user.ListAsync(_pods)) await UnlessOutdatedAsync(() => RunAsync(pod));
            if (_jobs is not null) await _jobs.StepAsync();
            await Task.Delay(20, CancellationToken.None);
        }
    }

    /// <summary>Somebody was faster: the next look is at the newer state.</summary>
    internal static async Task UnlessOutdatedAsync(Func<Task> step)
    {
        try
        {
            await step();
        }
        catch (HttpRequestException refused) when (refused.StatusCode is HttpStatusCode.Conflict or HttpStatusCode.NotFound)
        {
        }
    }

    private async Task RunAsync(JsonObject pod)
    {
        var path = $"{_pods}/{pod.Metadata().Text("name")}";
        var now = DateTime.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        var isDeleting = pod.Metadata()["deletionTimestamp"] is not null;
        var phase = pod.Object("status").Text("phase");
        if (phase is "Succeeded" or "Failed")
        {
            if (isDeleting) await _user.DeleteAsync(path, gracePeriodSeconds: 0);
        }
        else if (pod.Object("spec").Text("nodeName") is null)
        {
            await BindAsync(path, pod);
        }
        else if (isDeleting)
        {
            await EndAsync(path, pod, Exit(PreemptedSaved), now);
        }
        else if (phase == "Pending")
        {
            // Loopback: the operator asks this machine for the trainer's progress.
            PodStatusWriter.Running(pod, "127.0.0.1", now);
            await _user.ReplaceAsync($"{path}/status", pod);
        }
        else if (Ends(View(pod)) is { } exit)
        {
            await EndAsync(path, pod, exit, now);
        }
    }

    private Task<JsonObject> BindAsync(string path, JsonObject pod) => _user.CreateAsync($"{path}/binding", new JsonObject
    {
        ["apiVersion"] = "v1",
        ["kind"] = "Binding",
        ["metadata"] = new JsonObject { ["name"] = pod.Metadata().Text("name") },
        ["target"] = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Node", ["name"] = Name },
    });

    private async Task EndAsync(string path, JsonObject pod, ContainerExit exit, string now)
    {
        PodStatusWriter.Ended(pod, exit, now);
        await _user.ReplaceAsync($"{path}/status", pod);
    }

    private static PlayedPod View(JsonObject pod)
    {
        var labels = pod.Metadata().Object("labels");
        return new PlayedPod(labels.Text(LabelKeys.Stage)!, int.Parse(labels.Text(LabelKeys.Attempt)!, CultureInfo.InvariantCulture), new JobPod(default!, pod).Index ?? 0);
    }
}
