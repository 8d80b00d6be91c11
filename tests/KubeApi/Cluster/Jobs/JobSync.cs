using System.Text.Json.Nodes;
using KubeApi.Json;

namespace KubeApi.Cluster.Jobs;

/// <summary>One look at a living Job: observe its pods, decide, act, write the status.</summary>
internal sealed class JobSync(ClusterClient client, ObjectId id, JsonObject job, List<JobPod> pods)
{
    private readonly DateTimeOffset _now = client.Server.Time.GetUtcNow();
    private readonly JobStatus _status = new(job, client.Server.Now);
    private readonly JsonObject _spec = job.Child("spec");

    public async Task<DateTimeOffset?> RunAsync()
    {
        if (_status.Is("Complete") || _status.Is("Failed"))
        {
            await ReleaseAsync(pods.Where(pod => pod.Ended || pod.Deleting));
            return null;
        }

        var completed = _status.Completed;
        completed.UnionWith(pods.Where(pod => pod is { Tracked: true, Phase: "Succeeded", Index: not null }).Select(pod => pod.Index!.Value));
        var failures = NewFailures(out var failJob, out var ignored);
        var uncounted = _status.UncountedFailures;
        uncounted.AddRange(failures.Select(pod => pod.Uid).Except(uncounted));
        DecideEnd(completed, _status.Failed + uncounted.Count, failJob);
        if (_status.Is("FailureTarget"))
            await EndActiveAsync(uncounted);
        else if (_status.Is("SuccessCriteriaMet"))
            await EndActiveAsync(null);
        else if (Suspended)
            await SuspendAsync();
        else
            await ResumeAsync(completed);
        _status.Complete(completed);
        _status.Fail(_status.Failed, uncounted);
        CountPods();
        await WriteAsync();
        await ReleaseAsync(pods.Where(pod => pod.Phase == "Succeeded" || uncounted.Contains(pod.Uid) || ignored.Contains(pod.Uid)));
        _status.Fail(_status.Failed + uncounted.Count, []);
        CountPods();
        Finish();
        await WriteAsync();
        return Deadline() is { } deadline && deadline > _now ? deadline : null;
    }

    private bool Suspended => _spec.Flag("suspend") ?? false;

    private List<JobPod> NewFailures(out string failJob, out HashSet<string> ignored)
    {
        failJob = "";
        ignored = [];
        var counted = new List<JobPod>();
        foreach (var pod in pods.Where(pod => pod is { Tracked: true, Phase: "Failed" }))
        {
            var (action, message) = PodFailurePolicy.Judge(job, pod);
            if (action == FailureAction.FailJob && failJob.Length == 0)
                failJob = message;
            if (action == FailureAction.Ignore)
                ignored.Add(pod.Uid);
            else
                counted.Add(pod);
        }

        return counted;
    }

    private void DecideEnd(SortedSet<int> completed, long failed, string failJob)
    {
        if (_status.Is("FailureTarget") || _status.Is("SuccessCriteriaMet"))
            return;
        if (failJob.Length > 0)
            _status.SetCondition("FailureTarget", true, "PodFailurePolicy", failJob);
        else if (failed > (_spec.Integer("backoffLimit") ?? 6))
            _status.SetCondition("FailureTarget", true, "BackoffLimitExceeded", "Job has reached the specified backoff limit");
        else if (Deadline() is { } deadline && deadline <= _now && !Suspended)
            _status.SetCondition("FailureTarget", true, "DeadlineExceeded", "Job was active longer than specified deadline");
        else if (completed.Count >= Completions)
            _status.SetCondition("SuccessCriteriaMet", true, "CompletionsReached", "Reached expected number of succeeded pods");
    }

    private int Completions => (int)(_spec.Integer("completions") ?? 1);

    private DateTimeOffset? Deadline() =>
        _spec.Integer("activeDeadlineSeconds") is { } seconds && _status.StartTime is { } start ? start.AddSeconds(seconds) : null;

    /// <summary>Pods that still run when their Job ends are deleted; those of a failed Job count as failures as well.</summary>
    private async Task EndActiveAsync(List<string>? uncounted)
    {
        foreach (var pod in pods.Where(pod => pod.Active).ToList())
        {
            await client.DeleteAsync(pod.Id, pod.Uid);
            uncounted?.Add(pod.Uid);
        }

        if (uncounted is not null)
            uncounted.AddRange(pods.Where(pod => pod is { Tracked: true, Terminating: true }).Select(pod => pod.Uid).Except(uncounted).ToList());
        Refresh();
    }

    private async Task SuspendAsync()
    {
        foreach (var pod in pods.Where(pod => pod.Active).ToList())
        {
            await client.RemoveFinalizerAsync(pod.Id, JobPod.Tracking);
            await client.DeleteAsync(pod.Id, pod.Uid);
        }

        Refresh();
        _status.SetCondition("Suspended", true, "JobSuspended", "Job suspended");
        _status.ClearStart();
    }

    private async Task ResumeAsync(SortedSet<int> completed)
    {
        if (_status.Is("Suspended"))
            _status.SetCondition("Suspended", false, "JobResumed", "Job resumed");
        _status.Start();
        var held = pods.Where(pod => !pod.Ended).ToList();
        var room = (int)(_spec.Integer("parallelism") ?? 1) - held.Count;
        var taken = held.Select(pod => pod.Index).ToHashSet();
        for (var index = 0; index < Completions && room > 0; index++)
        {
            if (completed.Contains(index) || taken.Contains(index))
                continue;
            var created = await client.CreateAsync("pods", id.Key.Namespace, PodTemplate.Pod(job, index));
            pods.Add(new JobPod(new ObjectId("pods", new(id.Key.Namespace, created.Metadata().Text("name")!)), created));
            room--;
        }
    }

    private void Finish()
    {
        if (pods.Any(pod => pod.Terminating))
            return;
        var target = _status.Condition("FailureTarget") is { } failure ? ("Failed", failure) : ("Complete", _status.Condition("SuccessCriteriaMet"));
        if (target.Item2 is not { } condition)
            return;
        _status.SetCondition(target.Item1, true, condition.Text("reason")!, condition.Text("message")!);
        if (target.Item1 == "Complete")
            _status.Complete();
    }

    private void CountPods() => _status.Pods(pods.Count(pod => pod.Active), pods.Count(pod => pod.Terminating), pods.Count(pod => pod.Ready));

    private void Refresh()
    {
        for (var index = pods.Count - 1; index >= 0; index--)
        {
            if (client.Get(pods[index].Id) is { } document && document.Metadata().Text("uid") == pods[index].Uid)
                pods[index] = new JobPod(pods[index].Id, document);
            else
                pods.RemoveAt(index);
        }
    }

    private async Task ReleaseAsync(IEnumerable<JobPod> released)
    {
        foreach (var pod in released.Where(pod => pod.Tracked).ToList())
            await client.RemoveFinalizerAsync(pod.Id, JobPod.Tracking);
        Refresh();
    }

    private async Task WriteAsync()
    {
        if (job.Object("status").SameAs(_status.Document))
            return;
        var next = job.Copy();
        next["status"] = _status.Document.Copy();
        var written = await client.UpdateStatusAsync(id, next);
        job["status"] = written.Object("status")?.Copy();
        job.Metadata()["resourceVersion"] = written.Metadata().Text("resourceVersion");
    }
}
