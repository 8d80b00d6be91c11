using System.Text.Json.Nodes;
using KubeApi.Cluster.Kubelets;
using KubeApi.Json;
using Xunit;

namespace DiffusionDpo.KubeApi.Tests.Cluster;

public sealed class NodeTests
{
    [Fact]
    public async Task A_pod_without_room_stays_pending_says_why_and_goes_on_when_room_comes()
    {
        await using var cluster = await ClusterFixture.WithNodeAsync(gpus: 4);
        await cluster.CreateJobAsync("a", 2, spec => Gpus(spec, 4));
        await cluster.PassAsync(1);
        Assert.Equal(["Running", "Pending"], cluster.Pods("a").Select(ClusterFixture.Phase));
        var scheduled = cluster.Pods("a")[1].Object("status").Array("conditions")!.OfType<JsonObject>().Single(condition => condition.Text("type") == "PodScheduled");
        Assert.Equal(("False", "Unschedulable", "0/1 nodes are available: 1 Insufficient nvidia.com/gpu. preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod."), (scheduled.Text("status"), scheduled.Text("reason"), scheduled.Text("message")));
        await cluster.Cluster.Nodes.AddAsync("node-1", 4);
        await cluster.PassAsync(1);
        Assert.Equal(["node-0", "node-1"], cluster.Pods("a").Select(pod => pod.Object("spec").Text("nodeName")));
        Assert.Equal(["Running", "Running"], cluster.Pods("a").Select(ClusterFixture.Phase));
    }

    [Fact]
    public async Task Pods_can_carry_their_scripts()
    {
        await using var cluster = await ClusterFixture.WithNodeAsync();
        cluster.Runtime.Script = AnnotationScript.Of;
        await cluster.CreateJobAsync("a", 2, spec => spec.Object("template").Object("metadata")!["annotations"] = new JsonObject
        {
            [AnnotationScript.Seconds] = "5", [AnnotationScript.ExitCode] = "82", [AnnotationScript.Message] = "lost", [AnnotationScript.Index] = "1",
        });
        await cluster.PassAsync(4);
        Assert.Equal(["Running", "Running"], cluster.Pods("a").Select(ClusterFixture.Phase));
        await cluster.PassAsync(1);
        var ended = ClusterFixture.State(cluster.Pods("a").Single(pod => ClusterFixture.Phase(pod) == "Failed"), "terminated");
        Assert.Equal((82L, "lost"), (ended.Integer("exitCode"), ended.Text("message")));
    }

    [Fact]
    public async Task Memory_that_runs_out_is_told_by_the_reason()
    {
        await using var cluster = await ClusterFixture.WithNodeAsync();
        await cluster.CreateJobAsync("a", 1);
        await cluster.PassAsync(1);
        cluster.Runtime.End(cluster.Key("a", 0), 137, reason: "OOMKilled");
        await cluster.PassAsync(0);
        var ended = ClusterFixture.State(cluster.Pods("a")[0], "terminated");
        Assert.Equal((137L, "OOMKilled"), (ended.Integer("exitCode"), ended.Text("reason")));
    }

    [Fact]
    public async Task Pods_of_a_silent_node_are_disrupted_and_stay_until_someone_forces_them_out()
    {
        await using var cluster = await ClusterFixture.WithNodeAsync();
        await cluster.CreateJobAsync("a", 1);
        await cluster.PassAsync(1);
        cluster.Cluster.Nodes.Lose("node-0");
        await cluster.PassAsync(39);
        Assert.Contains("Ready:KubeletReady", ClusterFixture.Conditions(cluster.Find("nodes", "node-0", "")!));
        await cluster.PassAsync(2);
        Assert.DoesNotContain("Ready", ClusterFixture.Conditions(cluster.Find("nodes", "node-0", "")!));
        Assert.Null(cluster.Pods("a")[0].Metadata()["deletionTimestamp"]);
        await cluster.PassAsync(300);
        var pod = cluster.Pods("a")[0];
        Assert.NotNull(pod.Metadata()["deletionTimestamp"]);
        Assert.Equal(("Running", true), (ClusterFixture.Phase(pod), ClusterFixture.Conditions(pod).Contains("DisruptionTarget:DeletionByTaintManager", StringComparison.Ordinal)));
        await cluster.PassAsync(3600);
        Assert.Single(cluster.Pods("a"));
        Assert.Equal(1L, cluster.Job("a").Object("status").Integer("terminating"));
        cluster.Cluster.Nodes.Return("node-0");
        await cluster.PassAsync(1);
        Assert.Contains("Ready:KubeletReady", ClusterFixture.Conditions(cluster.Find("nodes", "node-0", "")!));
        Assert.Null(cluster.Find("nodes", "node-0", "")!.Object("spec").Array("taints"));
        Assert.Equal("FailureTarget:BackoffLimitExceeded, Failed:BackoffLimitExceeded", ClusterFixture.Conditions(cluster.Job("a")));
    }

    [Fact]
    public async Task Pods_of_a_deleted_node_are_collected()
    {
        await using var cluster = await ClusterFixture.WithNodeAsync();
        await cluster.CreateJobAsync("a", 1);
        await cluster.PassAsync(1);
        await cluster.SendAsync("DELETE", "/api/v1/nodes/node-0");
        await cluster.PassAsync(1);
        Assert.Empty(cluster.Pods("a"));
        Assert.Equal("FailureTarget:BackoffLimitExceeded, Failed:BackoffLimitExceeded", ClusterFixture.Conditions(cluster.Job("a")));
    }

    [Fact]
    public async Task A_deleted_namespace_takes_everything_along()
    {
        await using var cluster = await ClusterFixture.WithNodeAsync();
        await cluster.SendAsync("POST", "/api/v1/namespaces", new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Namespace", ["metadata"] = new JsonObject { ["name"] = "x" } });
        await cluster.SendAsync("POST", "/api/v1/namespaces/x/configmaps", new JsonObject { ["apiVersion"] = "v1", ["kind"] = "ConfigMap", ["metadata"] = new JsonObject { ["name"] = "c" } });
        await cluster.PassAsync(1);
        Assert.NotNull(cluster.Find("serviceaccounts", "default", "x"));
        await cluster.SendAsync("DELETE", "/api/v1/namespaces/x");
        await cluster.PassAsync(1);
        Assert.Null(cluster.Find("configmaps", "c", "x"));
        Assert.Null(cluster.Find("namespaces", "x", ""));
    }

    private static JsonObject Container(JsonObject spec) => (JsonObject)spec.Object("template").Object("spec").Array("containers")![0]!;

    private static void Gpus(JsonObject spec, int count) =>
        Container(spec)["resources"] = new JsonObject { ["limits"] = new JsonObject { ["nvidia.com/gpu"] = count } };
}
