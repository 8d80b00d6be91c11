using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using KubeApi.Cluster.Kubelets;
using KubeApi.Http;
using KubeApi.Json;
using KubeApi.Storage;
using Xunit;

namespace DiffusionDpo.KubeApi.Tests.Cluster;

/// <summary>Whatever happens in whatever order, Jobs keep their promises; and what happened once happens again from the same seed.</summary>
public sealed class RandomWalkTests
{
    private const int Pods = 3;

    // KUBEAPI_WALKS=5000 for a long look.
    private static readonly int Iterations = int.Parse(Environment.GetEnvironmentVariable("KUBEAPI_WALKS") ?? "60", System.Globalization.CultureInfo.InvariantCulture);
    private static readonly Gen<(int What, int Which, int Amount)[]> Walks = Gen.Select(Gen.Int[0, 11], Gen.Int[0, 5], Gen.Int[0, 60]).Array[5, 30];

    [Fact]
    public void Jobs_keep_their_promises_whatever_happens() => Walks.Sample(
        walk => Task.Run(async () =>
        {
            await using var cluster = await StartAsync();
            foreach (var step in walk)
            {
                await StepAsync(cluster, step);
                CheckNow(cluster);
            }

            CheckHistory(cluster);
            await RestAsync(cluster);
        }).GetAwaiter().GetResult(),
        iter: Iterations);

    [Fact]
    public void The_same_walk_gives_the_same_history() => Walks.Sample(
        walk => Task.Run(async () => (await HistoryAsync(walk)) == await HistoryAsync(walk)).GetAwaiter().GetResult(),
        iter: Math.Max(1, Iterations / 10));

    private static async Task<string> HistoryAsync((int, int, int)[] walk)
    {
        await using var cluster = await StartAsync();
        foreach (var step in walk)
            await StepAsync(cluster, step);
        return string.Join('\n', cluster.Server.Store.AllChanges(cluster.Server.Store.Oldest).Changes
            .Select(change => $"{change.Kind} {Encoding.UTF8.GetString(change.After.Bytes.Span)}"));
    }

    private static async Task<ClusterFixture> StartAsync()
    {
        var cluster = await ClusterFixture.WithNodeAsync();
        await cluster.Cluster.Nodes.AddAsync("node-1");
        cluster.Runtime.Script = pod => (pod.Uid[0] % 4) switch
        {
            0 => PodScript.Exits(0, TimeSpan.FromSeconds(20)),
            1 => PodScript.Runs with { StopsIn = null },
            2 => PodScript.Runs with { StopsIn = TimeSpan.FromSeconds(7), StopExitCode = 86 },
            _ => PodScript.Exits(1, TimeSpan.FromSeconds(50)),
        };
        return cluster;
    }

    private static async Task StepAsync(ClusterFixture cluster, (int What, int Which, int Amount) step)
    {
        var job = $"j{step.Which % 2}";
        var pods = cluster.Pods(job);
        var pod = pods.Count == 0 ? null : pods[step.Which % pods.Count].Metadata().Text("name");
        switch (step.What)
        {
            case 0 or 1:
                await TryAsync(cluster, "POST", "/apis/batch/v1/namespaces/default/jobs", Job(job, step.Which, step.Amount));
                break;
            case 2 when pod is not null && ClusterFixture.Phase(pods[step.Which % pods.Count]) == "Running":
                cluster.Runtime.End(new ObjectKey("default", pod), step.Amount % 3 * 41);
                break;
            case 3 when pod is not null:
                await TryAsync(cluster, "POST", $"/api/v1/namespaces/default/pods/{pod}/eviction", new JsonObject { ["apiVersion"] = "policy/v1", ["kind"] = "Eviction", ["metadata"] = new JsonObject { ["name"] = pod, ["namespace"] = "default" } });
                break;
            case 4 when pod is not null:
                await TryAsync(cluster, "DELETE", $"/api/v1/namespaces/default/pods/{pod}", new JsonObject { ["kind"] = "DeleteOptions", ["apiVersion"] = "v1", ["gracePeriodSeconds"] = step.Amount % 2 * 30 });
                break;
            case 5:
                cluster.Cluster.Nodes.Lose($"node-{step.Which % 2}");
                break;
            case 6:
                cluster.Cluster.Nodes.Return($"node-{step.Which % 2}");
                break;
            case 7:
                await TryAsync(cluster, "PATCH", $"/apis/batch/v1/namespaces/default/jobs/{job}", new JsonObject { ["spec"] = new JsonObject { ["suspend"] = step.Amount % 2 == 0 } }, "application/merge-patch+json");
                break;
            case 8:
                var policy = ((string[])["Background", "Foreground", "Orphan"])[step.Amount % 3];
                await TryAsync(cluster, "DELETE", $"/apis/batch/v1/namespaces/default/jobs/{job}", new JsonObject { ["kind"] = "DeleteOptions", ["apiVersion"] = "v1", ["propagationPolicy"] = policy });
                break;
            default:
                await cluster.PassAsync(step.Amount * (step.What == 9 ? 10 : 1));
                break;
        }

        // Half the time the cluster has not come round to it when the next thing happens.
        if (step.Amount % 2 == 0)
            await cluster.Cluster.SettleAsync();
    }

    private static JsonObject Job(string name, int which, int amount) => (JsonObject)JsonNode.Parse($$"""
        { "apiVersion": "batch/v1", "kind": "Job", "metadata": { "name": "{{name}}" }, "spec": {
          "completionMode": "Indexed", "completions": {{Pods}}, "parallelism": {{Pods}}, "backoffLimit": {{amount % 3}}, "podReplacementPolicy": "Failed", "suspend": {{(amount % 5 == 0 ? "true" : "false")}},
          {{(amount % 7 == 0 ? "\"activeDeadlineSeconds\": 100," : "")}} {{(amount % 4 == 0 ? "\"ttlSecondsAfterFinished\": 30," : "")}}
          "podFailurePolicy": { "rules": [ { "action": "{{(which % 2 == 0 ? "Ignore" : "Count")}}", "onPodConditions": [ { "type": "DisruptionTarget" } ] } ] },
          "template": { "spec": { "restartPolicy": "Never", "terminationGracePeriodSeconds": 20, "containers": [ { "name": "main", "image": "img:1" } ] } } } }
        """)!;

    private static async Task TryAsync(ClusterFixture cluster, string method, string path, JsonObject body, string contentType = "application/json")
    {
        var answer = await cluster.Server.HandleAsync(new ApiRequest
        {
            Method = method,
            Path = path,
            Headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { ["Content-Type"] = contentType },
            Body = Encoding.UTF8.GetBytes(body.ToJsonString()),
        });
        Assert.True(answer.Status is < 300 or 404 or 409 or 422 or 429, $"{answer.Status} {Encoding.UTF8.GetString(answer.Body.Span)}");
    }

    private static void CheckNow(ClusterFixture cluster)
    {
        foreach (var pods in cluster.Server.Store.List("pods").Objects.Values.Select(stored => stored.Document()).Where(pod => ClusterFixture.Phase(pod) is "Pending" or "Running")
            .GroupBy(pod => (pod.Metadata().Object("labels").Text("controller-uid"), pod.Metadata().Object("annotations").Text("batch.kubernetes.io/job-completion-index"))))
            Assert.True(pods.Count() == 1, $"{pods.Count()} pods at once for index {pods.Key}");
    }

    /// <summary>Over the whole history: counts never go back, a final condition stays, and neither can be both.</summary>
    private static void CheckHistory(ClusterFixture cluster)
    {
        foreach (var change in cluster.Server.Store.Changes("jobs.batch", cluster.Server.Store.Oldest).Changes.Where(change => change.Kind == ChangeKind.Modified))
        {
            var (before, after) = (change.Before!.Document().Object("status") ?? [], change.After.Document().Object("status") ?? []);
            var counted = Failures(after) - Failures(before);
            Assert.True(counted is >= 0 and <= Pods, $"failed went from {Failures(before)} to {Failures(after)}");
            Assert.True((after.Integer("succeeded") ?? 0) is var succeeded && succeeded >= (before.Integer("succeeded") ?? 0) && succeeded <= Pods);
            var (ended, was) = (Ended(after), Ended(before));
            Assert.True(was.Length == 0 || ended == was, $"{was} became {ended}");
            Assert.DoesNotContain(",", ended, StringComparison.Ordinal);
            if (ended.Length > 0)
                Assert.True((after.Integer("active") ?? 0) == 0 && (after.Integer("terminating") ?? 0) == 0, after.ToJsonString());
        }
    }

    private static long Failures(JsonObject status) =>
        (status.Integer("failed") ?? 0) + (status.Object("uncountedTerminatedPods").Array("failed")?.Count ?? 0);

    private static string Ended(JsonObject status) => string.Join(',', (status.Array("conditions") ?? []).OfType<JsonObject>()
        .Where(condition => condition.Text("type") is "Complete" or "Failed" && condition.Text("status") == "True").Select(condition => condition.Text("type")));

    /// <summary>With all nodes back, resumed and given time, everything ends and nothing is held by a finalizer.</summary>
    private static async Task RestAsync(ClusterFixture cluster)
    {
        cluster.Cluster.Nodes.Return("node-0");
        cluster.Cluster.Nodes.Return("node-1");
        await cluster.PassAsync(600);
        foreach (var pod in cluster.Server.Store.List("pods").Objects.Values.Select(stored => stored.Document()))
        {
            Assert.True(pod.Metadata()["deletionTimestamp"] is null, pod.ToJsonString());
            if (ClusterFixture.Phase(pod) is "Succeeded" or "Failed")
                Assert.Null(pod.Metadata()["finalizers"]);
        }

        Assert.All(cluster.Server.Store.List("jobs.batch").Objects.Values, job => Assert.Null(job.Document().Metadata()["deletionTimestamp"]));
    }
}
