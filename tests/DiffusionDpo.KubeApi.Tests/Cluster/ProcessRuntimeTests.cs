using System.Text.Json.Nodes;
using KubeApi;
using KubeApi.Cluster;
using KubeApi.Cluster.Processes;
using KubeApi.Http;
using KubeApi.Json;
using KubeApi.Storage;
using Xunit;

namespace DiffusionDpo.KubeApi.Tests.Cluster;

/// <summary>Pods as real processes, in real time: a shell stands for the trainer.</summary>
public sealed class ProcessRuntimeTests : IAsyncLifetime
{
    private readonly string _directory = Directory.CreateTempSubdirectory("kubeapi-").FullName;
    private readonly ApiServer _server = new();
    private FakeCluster _cluster = null!;

    public async ValueTask InitializeAsync()
    {
        var runtime = new ProcessRuntime(new ProcessRuntimeOptions
        {
            Directory = _directory,
            Images = new Dictionary<string, IReadOnlyList<string>> { ["shell:1"] = ["/bin/sh", "-c"] },
        });
        _cluster = new FakeCluster(_server, new FakeClusterOptions { Runtime = runtime });
        await _cluster.Nodes.AddAsync("node-0");
        _cluster.Start();
    }

    public async ValueTask DisposeAsync()
    {
        await _cluster.DisposeAsync();
        Directory.Delete(_directory, true);
    }

    [Fact]
    public async Task A_process_has_the_pods_arguments_variables_and_files_and_its_end_is_reported()
    {
        await PostAsync("configmaps", """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"run"},"data":{"run.json":"{\"steps\":5}"}}""");
        await PostAsync("secrets", """{"apiVersion":"v1","kind":"Secret","metadata":{"name":"keys"},"data":{"KEY":"b3BlbiBzZXNhbWU="}}""");
        await PostAsync("pods", """
            {"apiVersion":"v1","kind":"Pod","metadata":{"name":"p","labels":{"rank":"3"}},"spec":{"restartPolicy":"Never",
             "volumes":[{"name":"run","configMap":{"name":"run"}},{"name":"scratch","emptyDir":{}}],
             "containers":[{"name":"main","image":"shell:1",
              "args":["cat /etc/run/run.json > /scratch/copy; echo \"$KEY $RANK $NAME $POD_IP $(GREETING)\" >> \"$COPY\"; cat $COPY > $TERMINATION; exit 82"],
              "envFrom":[{"secretRef":{"name":"keys"}}],
              "env":[{"name":"WORLD","value":"you"},{"name":"GREETING","value":"hello $(WORLD)"},{"name":"COPY","value":"/scratch/copy"},{"name":"TERMINATION","value":"/dev/termination-log"},
               {"name":"RANK","valueFrom":{"fieldRef":{"fieldPath":"metadata.labels['rank']"}}},{"name":"NAME","valueFrom":{"fieldRef":{"fieldPath":"metadata.name"}}},
               {"name":"POD_IP","valueFrom":{"fieldRef":{"fieldPath":"status.podIP"}}}],
              "volumeMounts":[{"name":"run","mountPath":"/etc/run"},{"name":"scratch","mountPath":"/scratch"}]}]}}
            """);
        var pod = await PodAsync(pod => ClusterFixture.Phase(pod) == "Failed");
        var ended = ClusterFixture.State(pod, "terminated");
        Assert.Equal((82L, "Error", "{\"steps\":5}open sesame 3 p 127.0.0.1 hello you\n"), (ended.Integer("exitCode"), ended.Text("reason"), ended.Text("message")));
        Assert.Equal("127.0.0.1", pod.Object("status").Text("podIP"));
    }

    [Fact]
    public async Task A_deleted_pod_gets_a_signal_and_time_to_end()
    {
        await PostAsync("pods", Pod("trap 'echo saved > $TERMINATION; exit 86' TERM; echo up; while :; do sleep 0.05; done", 30));
        var running = await PodAsync(pod => ClusterFixture.Phase(pod) == "Running" && IsUp(pod));
        var changes = _server.Store.ResourceVersion;
        await DeleteAsync();
        await UntilAsync(pod => pod is null);
        var last = _server.Store.Changes("pods", changes).Changes.Last(change => change.Kind == ChangeKind.Deleted).After.Document();
        Assert.Equal(running.Metadata().Text("uid"), last.Metadata().Text("uid"));
        var ended = ClusterFixture.State(last, "terminated");
        Assert.Equal((86L, "saved\n"), (ended.Integer("exitCode"), ended.Text("message")));
    }

    [Fact]
    public async Task A_process_that_does_not_listen_is_killed()
    {
        await PostAsync("pods", Pod("trap '' TERM; echo up; while :; do sleep 0.05; done", 1));
        await PodAsync(pod => ClusterFixture.Phase(pod) == "Running" && IsUp(pod));
        var changes = _server.Store.ResourceVersion;
        await DeleteAsync();
        await UntilAsync(pod => pod is null);
        var last = _server.Store.Changes("pods", changes).Changes.Last(change => change.Kind == ChangeKind.Deleted).After.Document();
        Assert.Equal(137L, ClusterFixture.State(last, "terminated").Integer("exitCode"));
    }

    [Fact]
    public async Task An_image_without_a_process_cannot_be_pulled()
    {
        await PostAsync("pods", Pod("true", 1).Replace("shell:1", "other:1", StringComparison.Ordinal));
        var pod = await PodAsync(pod => ClusterFixture.State(pod, "waiting") is not null);
        Assert.Equal("ErrImagePull", ClusterFixture.State(pod, "waiting").Text("reason"));
    }

    private static string Pod(string script, int grace) => $$"""
        {"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},"spec":{"restartPolicy":"Never","terminationGracePeriodSeconds":{{grace}},
         "containers":[{"name":"main","image":"shell:1","args":["{{script}}"],"env":[{"name":"TERMINATION","value":"/dev/termination-log"}]}] } }
        """;

    // The trap is set before the first line of output.
    private bool IsUp(JsonObject pod) => File.Exists(Path.Combine(_directory, pod.Metadata().Text("uid")!, "log")) && Log(pod).Contains("up", StringComparison.Ordinal);

    private string Log(JsonObject pod)
    {
        using var log = new StreamReader(new FileStream(Path.Combine(_directory, pod.Metadata().Text("uid")!, "log"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return log.ReadToEnd();
    }

    private async Task<JsonObject> PodAsync(Func<JsonObject, bool> fits)
    {
        JsonObject? found = null;
        await UntilAsync(pod => pod is not null && fits(found = pod));
        return found!;
    }

    private async Task UntilAsync(Func<JsonObject?, bool> fits)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!fits(_server.Store.Get("pods", new ObjectKey("default", "p"))?.Document()))
            await Task.Delay(20, patience.Token);
    }

    private Task DeleteAsync() => SendAsync("DELETE", "/api/v1/namespaces/default/pods/p", "");

    private Task PostAsync(string plural, string body) => SendAsync("POST", $"/api/v1/namespaces/default/{plural}", body);

    private async Task SendAsync(string method, string path, string body)
    {
        var answer = await _server.HandleAsync(new ApiRequest
        {
            Method = method,
            Path = path,
            Headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { ["Content-Type"] = "application/json" },
            Body = System.Text.Encoding.UTF8.GetBytes(body),
        });
        Assert.True(answer.Status < 300, System.Text.Encoding.UTF8.GetString(answer.Body.Span));
    }
}
