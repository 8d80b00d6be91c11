using System.Text.Json.Nodes;
using KubeApi.Cluster.Kubelets;
using KubeApi.Json;
using Xunit;

namespace DiffusionDpo.KubeApi.Tests.Cluster;

public sealed class JobTests
{
    [Fact]
    public async Task A_job_whose_pods_all_succeed_is_complete()
    {
        await using var cluster = await ClusterFixture.WithNodeAsync();
        cluster.Runtime.Script = pod => PodScript.Exits(0, TimeSpan.FromSeconds(10 + pod.Index), $"rank {pod.Index} done");
        await cluster.CreateJobAsync("a", 4);
        await cluster.PassAsync(12);
        Assert.Equal((3L, "0-2"), (cluster.Job("a").Object("status").Integer("succeeded"), cluster.Job("a").Object("status").Text("completedIndexes")));
        await cluster.PassAsync(1);
        Assert.Equal("SuccessCriteriaMet:CompletionsReached, Complete:CompletionsReached", ClusterFixture.Conditions(cluster.Job("a")));
        Assert.Equal("2026-01-01T00:00:13Z", cluster.Job("a").Object("status").Text("completionTime"));
        var ended = ClusterFixture.State(cluster.Pods("a")[3], "terminated");
        Assert.Equal((0L, "Completed", "rank 3 done", "2026-01-01T00:00:13Z"), (ended.Integer("exitCode"), ended.Text("reason"), ended.Text("message"), ended.Text("finishedAt")));
        Assert.All(cluster.Pods("a"), pod => Assert.Null(pod.Metadata()["finalizers"]));
    }

    [Fact]
    public async Task The_first_failure_ends_the_job_once_the_other_pods_have_ended()
    {
        await using var cluster = await ClusterFixture.WithNodeAsync();
        cluster.Runtime.Script = pod => pod.Index == 0
            ? PodScript.Exits(82, TimeSpan.FromSeconds(30), "{\"class\":\"GpuFault\"}")
            : PodScript.Runs with { StopsIn = TimeSpan.FromSeconds(5), StopExitCode = 86, StopMessage = "saved" };
        await cluster.CreateJobAsync("a", 2);
        await cluster.PassAsync(34);
        Assert.Equal("FailureTarget:BackoffLimitExceeded", ClusterFixture.Conditions(cluster.Job("a")));
        Assert.Equal(1L, cluster.Job("a").Object("status").Integer("terminating"));
        Assert.Equal("{\"class\":\"GpuFault\"}", ClusterFixture.State(cluster.Pods("a")[0], "terminated").Text("message"));
        await cluster.PassAsync(1);
        Assert.Equal("FailureTarget:BackoffLimitExceeded, Failed:BackoffLimitExceeded", ClusterFixture.Conditions(cluster.Job("a")));
        Assert.Equal((2L, 0L), (cluster.Job("a").Object("status").Integer("failed"), cluster.Job("a").Object("status").Integer("terminating")));
        Assert.Single(cluster.Pods("a"));
    }

    [Fact]
    public async Task A_pod_that_does_not_listen_is_killed_after_its_grace_period()
    {
        await using var cluster = await ClusterFixture.WithNodeAsync();
        cluster.Runtime.Script = _ => PodScript.Runs with { StopsIn = null };
        await cluster.CreateJobAsync("a", 1);
        await cluster.PassAsync(1);
        var name = cluster.Key("a", 0).Name;
        await cluster.SendAsync("DELETE", $"/api/v1/namespaces/default/pods/{name}");
        await cluster.PassAsync(29);
        Assert.Equal("Running", ClusterFixture.Phase(cluster.Pods("a")[0]));
        await cluster.PassAsync(1);
        Assert.Empty(cluster.Pods("a"));
        Assert.Equal("FailureTarget:BackoffLimitExceeded, Failed:BackoffLimitExceeded", ClusterFixture.Conditions(cluster.Job("a")));
    }

    [Fact]
    public async Task An_eviction_that_the_policy_ignores_brings_a_new_pod_and_counts_nothing()
    {
        await using var cluster = await ClusterFixture.WithNodeAsync();
        await cluster.CreateJobAsync("a", 2, spec => spec["podFailurePolicy"] = JsonNode.Parse("""{"rules":[{"action":"Ignore","onPodConditions":[{"type":"DisruptionTarget"}]}]}"""));
        await cluster.PassAsync(1);
        var evicted = cluster.Key("a", 0).Name;
        await cluster.SendAsync("POST", $"/api/v1/namespaces/default/pods/{evicted}/eviction", new JsonObject
        {
            ["apiVersion"] = "policy/v1", ["kind"] = "Eviction", ["metadata"] = new JsonObject { ["name"] = evicted, ["namespace"] = "default" },
        });
        await cluster.PassAsync(1);
        Assert.DoesNotContain(cluster.Pods("a"), pod => pod.Metadata().Text("name") == evicted);
        Assert.Equal((2L, null), (cluster.Job("a").Object("status").Integer("active"), cluster.Job("a").Object("status").Integer("failed")));
    }

    [Fact]
    public async Task An_exit_code_that_the_policy_names_fails_the_job_with_its_pod_and_rule()
    {
        await using var cluster = await ClusterFixture.WithNodeAsync();
        cluster.Runtime.Script = _ => PodScript.Exits(64, TimeSpan.FromSeconds(1));
        await cluster.CreateJobAsync("a", 1, spec =>
        {
            spec["backoffLimit"] = 5;
            spec["podFailurePolicy"] = JsonNode.Parse("""{"rules":[{"action":"Ignore","onExitCodes":{"operator":"In","values":[1]}},{"action":"FailJob","onExitCodes":{"operator":"NotIn","values":[2]}}]}""");
        });
        await cluster.PassAsync(2);
        Assert.Equal("FailureTarget:PodFailurePolicy, Failed:PodFailurePolicy", ClusterFixture.Conditions(cluster.Job("a")));
        var message = (cluster.Job("a").Object("status").Array("conditions")![0] as JsonObject).Text("message");
        Assert.Equal($"Container main for pod default/{cluster.Key("a", 0).Name} failed with exit code 64 matching FailJob rule at index 1", message);
    }

    [Fact]
    public async Task Failures_within_the_limit_bring_a_new_pod()
    {
        await using var cluster = await ClusterFixture.WithNodeAsync();
        var starts = 0;
        cluster.Runtime.Script = _ => PodScript.Exits(starts++ == 0 ? 1 : 0, TimeSpan.FromSeconds(1));
        await cluster.CreateJobAsync("a", 1, spec => spec["backoffLimit"] = 1);
        await cluster.PassAsync(3);
        Assert.Equal("SuccessCriteriaMet:CompletionsReached, Complete:CompletionsReached", ClusterFixture.Conditions(cluster.Job("a")));
        Assert.Equal(1L, cluster.Job("a").Object("status").Integer("failed"));
    }

    [Fact]
    public async Task A_suspended_job_gives_its_pods_back_and_starts_anew()
    {
        await using var cluster = await ClusterFixture.WithNodeAsync();
        await cluster.CreateJobAsync("a", 2);
        await cluster.PassAsync(1);
        await SuspendAsync(cluster, true);
        await cluster.PassAsync(1);
        Assert.Empty(cluster.Pods("a"));
        Assert.Equal("Suspended:JobSuspended", ClusterFixture.Conditions(cluster.Job("a")));
        Assert.Null(cluster.Job("a").Object("status").Text("startTime"));
        await SuspendAsync(cluster, false);
        await cluster.PassAsync(1);
        Assert.Equal(["Running", "Running"], cluster.Pods("a").Select(ClusterFixture.Phase));
        Assert.Null(cluster.Job("a").Object("status").Integer("failed"));
    }

    [Fact]
    public async Task A_deadline_fails_and_a_time_to_live_deletes()
    {
        await using var cluster = await ClusterFixture.WithNodeAsync();
        await cluster.CreateJobAsync("a", 1, spec =>
        {
            spec["activeDeadlineSeconds"] = 60;
            spec["ttlSecondsAfterFinished"] = 10;
        });
        await cluster.PassAsync(59);
        Assert.Equal("", ClusterFixture.Conditions(cluster.Job("a")));
        await cluster.PassAsync(2);
        Assert.Equal("FailureTarget:DeadlineExceeded, Failed:DeadlineExceeded", ClusterFixture.Conditions(cluster.Job("a")));
        await cluster.PassAsync(10);
        Assert.Null(cluster.Find("jobs.batch", "a"));
        Assert.Empty(cluster.Pods("a"));
    }

    [Theory]
    [InlineData("Background", 0)]
    [InlineData("Foreground", 0)]
    [InlineData("Orphan", 2)]
    public async Task A_deleted_job_takes_its_pods_along_unless_they_are_orphaned(string policy, int left)
    {
        await using var cluster = await ClusterFixture.WithNodeAsync();
        await cluster.CreateJobAsync("a", 2);
        await cluster.PassAsync(1);
        await cluster.SendAsync("DELETE", "/apis/batch/v1/namespaces/default/jobs/a", new JsonObject { ["kind"] = "DeleteOptions", ["apiVersion"] = "v1", ["propagationPolicy"] = policy });
        await cluster.PassAsync(1);
        Assert.Null(cluster.Find("jobs.batch", "a"));
        Assert.Equal(left, cluster.Pods("a").Count);
        Assert.All(cluster.Pods("a"), pod => Assert.Null(pod.Metadata()["ownerReferences"]));
    }

    [Fact]
    public async Task A_pod_that_the_server_refuses_is_tried_again_and_told()
    {
        await using var cluster = await ClusterFixture.WithNodeAsync();
        await cluster.CreateJobAsync("a", 1, spec => spec.Object("template").Object("metadata")!["annotations"] = new JsonObject { ["no name!"] = "x" });
        await cluster.PassAsync(3);
        Assert.Empty(cluster.Pods("a"));
        Assert.Contains("422", cluster.Cluster.LastRefusal, StringComparison.Ordinal);
        Assert.NotNull(cluster.Cluster.NextDue);
    }

    private static Task SuspendAsync(ClusterFixture cluster, bool suspend) => cluster.SendAsync(
        "PATCH", "/apis/batch/v1/namespaces/default/jobs/a", new JsonObject { ["spec"] = new JsonObject { ["suspend"] = suspend } }, "application/merge-patch+json");
}
