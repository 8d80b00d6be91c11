using System.Globalization;
using System.Text.Json.Nodes;
using KubeApi.Cluster.Jobs;
using KubeApi.Json;

namespace DiffusionDpo.Operator.Tests.RealServer;

/// <summary>
/// What a Job controller does with Indexed Jobs that make no retries, and a garbage collector with those that are deleted in the foreground.
/// The mode need not be there: old servers drop it.
/// </summary>
internal sealed class JobPlayer(ApiUser user, string ns)
{
    private readonly string _jobs = $"/apis/batch/v1/namespaces/{ns}/jobs";
    private readonly string _pods = $"/api/v1/namespaces/{ns}/pods";

    public async Task StepAsync()
    {
        var pods = await user.ListAsync(_pods);
        foreach (var job in await user.ListAsync(_jobs))
        {
            var uid = job.Metadata().Text("uid");
            JobPod[] mine = [.. pods.Where(pod => pod.Metadata().Array("ownerReferences")?.Any(owner => (owner as JsonObject).Text("uid") == uid) == true).Select(pod => new JobPod(default!, pod))];
            await PlayedNode.UnlessOutdatedAsync(() => StepAsync(job, mine));
        }
    }

    private async Task StepAsync(JsonObject job, JobPod[] pods)
    {
        var status = new JobStatus(job, DateTime.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
        var completions = (int)job.Object("spec").Integer("completions")!.Value;
        if (job.Metadata()["deletionTimestamp"] is not null)
        {
            await DeleteAsync(pods);
            if (pods.Length == 0) await user.MergeAsync($"{_jobs}/{job.Metadata().Text("name")}", new JsonObject { ["metadata"] = new JsonObject { ["finalizers"] = null } });
        }
        else if (status.Is("Complete") || status.Is("Failed"))
        {
            return;
        }
        else if (pods.Any(pod => pod.Phase == "Failed"))
        {
            await FailAsync(job, pods, status);
        }
        else if (pods.Count(pod => pod.Phase == "Succeeded") == completions)
        {
            await CompleteAsync(job, completions, status);
        }
        else
        {
            var known = pods.Select(pod => pod.Index ?? 0).ToHashSet();
            foreach (var index in Enumerable.Range(0, completions).Where(index => !known.Contains(index))) await CreatePodAsync(job, index);
        }
    }

    private async Task CreatePodAsync(JsonObject job, int index)
    {
        var pod = PodTemplate.Pod(job, index);
        // Ends are counted from the pods themselves, which stay as long as their Job.
        pod.Metadata().Remove("finalizers");
        await user.CreateAsync(_pods, pod);
    }

    private async Task CompleteAsync(JsonObject job, int completions, JobStatus status)
    {
        status.Start();
        status.Complete();
        status.Complete([.. Enumerable.Range(0, completions)]);
        if (job.Object("spec").Text("completionMode") != "Indexed") status.Document.Remove("completedIndexes");
        status.SetCondition("SuccessCriteriaMet", true, "CompletionsReached", "Reached expected number of succeeded pods");
        status.SetCondition("Complete", true, "CompletionsReached", "Reached expected number of succeeded pods");
        await WriteAsync(job, status);
    }

    /// <summary>The other pods end first.</summary>
    private async Task FailAsync(JsonObject job, JobPod[] pods, JobStatus status)
    {
        const string Reason = "BackoffLimitExceeded", Message = "Job has reached the specified backoff limit";
        if (!status.Is("FailureTarget"))
        {
            status.Start();
            status.SetCondition("FailureTarget", true, Reason, Message);
            await WriteAsync(job, status);
        }
        else if (pods.All(pod => pod.Ended))
        {
            status.Fail(pods.Count(pod => pod.Phase == "Failed"), []);
            status.SetCondition("Failed", true, Reason, Message);
            await WriteAsync(job, status);
        }
        else
        {
            await DeleteAsync(pods.Where(pod => pod.Active));
        }
    }

    private Task WriteAsync(JsonObject job, JobStatus status)
    {
        job["status"] = status.Document;
        return user.ReplaceAsync($"{_jobs}/{job.Metadata().Text("name")}/status", job);
    }

    private async Task DeleteAsync(IEnumerable<JobPod> pods)
    {
        foreach (var pod in pods.Where(pod => !pod.Deleting)) await user.DeleteAsync($"{_pods}/{pod.Document.Metadata().Text("name")}");
    }
}
