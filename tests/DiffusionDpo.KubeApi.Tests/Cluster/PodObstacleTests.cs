using System.Text.Json.Nodes;
using KubeApi.Cluster.Kubelets;
using KubeApi.Json;
using Xunit;

namespace DiffusionDpo.KubeApi.Tests.Cluster;

/// <summary>What keeps a pod from running is said as schedulers and kubelets say it, and passes when its cause does.</summary>
public sealed class PodObstacleTests
{
    [Fact]
    public async Task A_missing_secret_of_the_environment_is_waited_for()
    {
        await using var cluster = await ClusterFixture.WithNodeAsync();
        await cluster.CreateJobAsync("a", 1, spec => Container(spec)["envFrom"] = JsonNode.Parse("""[{"secretRef":{"name":"keys"}}]"""));
        await cluster.PassAsync(1);
        Assert.Equal(("Pending", "CreateContainerConfigError", "secret \"keys\" not found"), Waiting(cluster));
        Assert.Equal(["Warning Failed: Error: secret \"keys\" not found"], Events(cluster));
        await cluster.SendAsync("POST", "/api/v1/namespaces/default/secrets", Named("v1", "Secret", "keys"));
        await cluster.PassAsync(1);
        Assert.Equal("Running", Waiting(cluster).Phase);
    }

    [Fact]
    public async Task A_missing_config_map_of_a_volume_is_said_by_an_event_alone()
    {
        await using var cluster = await ClusterFixture.WithNodeAsync();
        await cluster.CreateJobAsync("a", 1, spec => Pod(spec)["volumes"] = JsonNode.Parse("""[{"name":"files","configMap":{"name":"run"}}]"""));
        await cluster.PassAsync(1);
        Assert.Equal(("Pending", "ContainerCreating", null), Waiting(cluster));
        Assert.Equal(["Warning FailedMount: MountVolume.SetUp failed for volume \"files\" : configmap \"run\" not found"], Events(cluster));
        await cluster.SendAsync("POST", "/api/v1/namespaces/default/configmaps", Named("v1", "ConfigMap", "run"));
        await cluster.PassAsync(1);
        Assert.Equal("Running", Waiting(cluster).Phase);
    }

    [Fact]
    public async Task A_missing_claim_keeps_a_pod_from_being_scheduled()
    {
        await using var cluster = await ClusterFixture.WithNodeAsync();
        await cluster.CreateJobAsync("a", 1, spec => Pod(spec)["volumes"] = JsonNode.Parse("""[{"name":"data","persistentVolumeClaim":{"claimName":"data"}}]"""));
        await cluster.PassAsync(1);
        var said = "0/1 nodes are available: persistentvolumeclaim \"data\" not found. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.";
        Assert.Equal(said, Scheduled(cluster).Text("message"));
        Assert.Equal([$"Warning FailedScheduling: {said}"], Events(cluster));
        await cluster.SendAsync("POST", "/api/v1/namespaces/default/persistentvolumeclaims", Named("v1", "PersistentVolumeClaim", "data"));
        await cluster.PassAsync(1);
        Assert.Equal("Running", Waiting(cluster).Phase);
    }

    [Fact]
    public async Task A_missing_label_keeps_a_pod_from_being_scheduled()
    {
        await using var cluster = await ClusterFixture.WithNodeAsync();
        await cluster.CreateJobAsync("a", 1, spec => Pod(spec)["nodeSelector"] = JsonNode.Parse("""{"gpu":"h100"}"""));
        await cluster.PassAsync(1);
        Assert.Equal(
            "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.",
            Scheduled(cluster).Text("message"));
        await cluster.Cluster.Nodes.AddAsync("node-1", labels: new Dictionary<string, string> { ["gpu"] = "h100" });
        await cluster.PassAsync(1);
        Assert.Equal("Running", Waiting(cluster).Phase);
    }

    [Fact]
    public async Task A_failed_pull_backs_off_and_is_tried_again()
    {
        const string Why = "rpc error: code = NotFound desc = failed to pull and unpack image \"img:1\": not found";
        await using var cluster = await ClusterFixture.WithNodeAsync();
        var pulls = 0;
        cluster.Runtime.Script = _ => ++pulls > 0 ? PodScript.Runs with { Waits = "ErrImagePull", WaitingMessage = Why } : PodScript.Runs;
        await cluster.CreateJobAsync("a", 1);
        await cluster.PassAsync(1);
        Assert.Equal(("Pending", "ErrImagePull", Why), Waiting(cluster));
        await cluster.PassAsync(5);
        Assert.Equal(("Pending", "ImagePullBackOff", $"Back-off pulling image \"img:1\": ErrImagePull: {Why}"), Waiting(cluster));
        Assert.Equal(1, pulls);
        await cluster.PassAsync(300);
        // After 10, 20, 40, 80 and 160 s, which is 310 s in all.
        Assert.Equal(5, pulls);
        Assert.Equal(
            [
                "Normal BackOff: Back-off pulling image \"img:1\"",
                "Warning Failed: Error: ErrImagePull",
                "Warning Failed: Error: ImagePullBackOff",
                $"Warning Failed: Failed to pull image \"img:1\": {Why}",
            ],
            Events(cluster));
        cluster.Runtime.Script = _ => PodScript.Runs;
        await cluster.PassAsync(300);
        Assert.Equal("Running", Waiting(cluster).Phase);
    }

    [Theory]
    [InlineData("img:1:2", "invalid reference format")]
    [InlineData("https://registry.example/img", "invalid reference format")]
    [InlineData("registry.example/Img:1", "invalid reference format: repository name must be lowercase")]
    [InlineData("img@sha256:abc", "invalid reference format")]
    public async Task A_malformed_name_is_never_pulled(string image, string why)
    {
        await using var cluster = await ClusterFixture.WithNodeAsync();
        cluster.Runtime.Script = _ => throw new InvalidOperationException("it was pulled");
        await cluster.CreateJobAsync("a", 1, spec => Container(spec)["image"] = image);
        await cluster.PassAsync(60);
        var said = $"Failed to apply default image tag \"{image}\": couldn't parse image name \"{image}\": {why}";
        Assert.Equal(("Pending", "InvalidImageName", said), Waiting(cluster));
        Assert.Equal(["Warning Failed: Error: InvalidImageName", $"Warning InspectFailed: {said}"], Events(cluster));
    }

    [Theory]
    [InlineData("busybox")]
    [InlineData("localhost:5000/team/trainer:v1.2-rc.1")]
    [InlineData("registry.example/a_b/c--d@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")]
    public async Task A_good_name_is_pulled(string image)
    {
        await using var cluster = await ClusterFixture.WithNodeAsync();
        await cluster.CreateJobAsync("a", 1, spec => Container(spec)["image"] = image);
        await cluster.PassAsync(1);
        Assert.Equal("Running", Waiting(cluster).Phase);
    }

    private static JsonObject Pod(JsonObject job) => job.Object("template").Object("spec")!;

    private static JsonObject Container(JsonObject job) => (JsonObject)Pod(job).Array("containers")![0]!;

    private static JsonObject Named(string version, string kind, string name) =>
        new() { ["apiVersion"] = version, ["kind"] = kind, ["metadata"] = new JsonObject { ["name"] = name } };

    private static (string Phase, string? Reason, string? Message) Waiting(ClusterFixture cluster)
    {
        var pod = cluster.Pods("a")[0];
        var waiting = ClusterFixture.State(pod, "waiting");
        return (ClusterFixture.Phase(pod), waiting.Text("reason"), waiting.Text("message"));
    }

    private static JsonObject Scheduled(ClusterFixture cluster) => cluster.Pods("a")[0].Object("status").Array("conditions")!.OfType<JsonObject>()
        .Single(condition => condition.Text("type") == "PodScheduled" && condition.Text("status") == "False" && condition.Text("reason") == "Unschedulable");

    private static List<string> Events(ClusterFixture cluster) => [.. cluster.Server.Store.List("events").Objects.Values.Select(stored => stored.Document())
        .Select(e => $"{e.Text("type")} {e.Text("reason")}: {e.Text("message")}").Order(StringComparer.Ordinal)];
}
