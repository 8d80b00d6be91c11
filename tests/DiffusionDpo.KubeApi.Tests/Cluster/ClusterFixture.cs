using System.Text;
using System.Text.Json.Nodes;
using KubeApi;
using KubeApi.Cluster;
using KubeApi.Cluster.Kubelets;
using KubeApi.Http;
using KubeApi.Json;
using KubeApi.Storage;
using Microsoft.Extensions.Time.Testing;

namespace DiffusionDpo.KubeApi.Tests.Cluster;

/// <summary>An API server with a cluster around it under a clock that only the test moves.</summary>
internal sealed class ClusterFixture : IAsyncDisposable
{
    public ClusterFixture()
    {
        Server = new ApiServer(new ApiServerOptions { Time = Clock });
        Runtime = new ScriptedRuntime(Clock);
        Cluster = new FakeCluster(Server, new FakeClusterOptions { Runtime = Runtime });
    }

    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public ApiServer Server { get; }

    public ScriptedRuntime Runtime { get; }

    public FakeCluster Cluster { get; }

    public static async Task<ClusterFixture> WithNodeAsync(int gpus = 0)
    {
        var fixture = new ClusterFixture();
        await fixture.Cluster.Nodes.AddAsync("node-0", gpus);
        await fixture.Cluster.SettleAsync();
        return fixture;
    }

    public ValueTask DisposeAsync() => Cluster.DisposeAsync();

    /// <summary>Lets time pass, stopping wherever something is due.</summary>
    public async Task PassAsync(double seconds)
    {
        var end = Clock.GetUtcNow().AddSeconds(seconds);
        await Cluster.SettleAsync();
        while (Cluster.NextDue is { } due && due <= end)
        {
            if (due > Clock.GetUtcNow())
                Clock.SetUtcNow(due);
            await Cluster.SettleAsync();
        }

        Clock.SetUtcNow(end);
        await Cluster.SettleAsync();
    }

    /// <summary>A Job of as many pods; <paramref name="change"/> may alter its spec.</summary>
    public async Task<JsonObject> CreateJobAsync(string name, int pods, Action<JsonObject>? change = null)
    {
        var spec = (JsonObject)JsonNode.Parse($$"""
            {
              "completionMode": "Indexed", "completions": {{pods}}, "parallelism": {{pods}}, "backoffLimit": 0, "podReplacementPolicy": "Failed",
              "template": { "metadata": { "labels": { "app": "train" } }, "spec": {
                "restartPolicy": "Never", "subdomain": "train", "terminationGracePeriodSeconds": 30,
                "containers": [ { "name": "main", "image": "img:1" } ] } }
            }
            """)!;
        change?.Invoke(spec);
        return await SendAsync("POST", "/apis/batch/v1/namespaces/default/jobs", new JsonObject
        {
            ["apiVersion"] = "batch/v1", ["kind"] = "Job", ["metadata"] = new JsonObject { ["name"] = name }, ["spec"] = spec,
        });
    }

    public async Task<JsonObject> SendAsync(string method, string path, JsonObject? body = null, string contentType = "application/json")
    {
        var answer = await Server.HandleAsync(new ApiRequest
        {
            Method = method,
            Path = path,
            Headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { ["Content-Type"] = contentType },
            Body = body is null ? default : Encoding.UTF8.GetBytes(body.ToJsonString()),
        });
        return answer.Status < 300 ? DocumentReader.Read(answer.Body.Span) : throw new InvalidOperationException($"{method} {path}: {answer.Status} {Encoding.UTF8.GetString(answer.Body.Span)}");
    }

    public JsonObject Job(string name) => Find("jobs.batch", name) ?? throw new InvalidOperationException($"there is no Job {name}");

    public JsonObject? Find(string collection, string name, string space = "default") => Server.Store.Get(collection, new ObjectKey(space, name))?.Document();

    /// <summary>Pods of a Job by index.</summary>
    public List<JsonObject> Pods(string job) => Server.Store.List("pods").Objects.Values.Select(stored => stored.Document())
        .Where(pod => pod.Metadata().Object("labels").Text("job-name") == job).OrderBy(pod => pod.Metadata().Text("name"), StringComparer.Ordinal).ToList();

    public ObjectKey Key(string job, int index) => new("default", Pods(job)[index].Metadata().Text("name")!);

    /// <summary>The conditions of an object that are true, with their reasons.</summary>
    public static string Conditions(JsonObject document) => string.Join(", ", (document.Object("status").Array("conditions") ?? []).OfType<JsonObject>()
        .Where(condition => condition.Text("status") == "True").Select(condition => $"{condition.Text("type")}:{condition.Text("reason")}"));

    public static string Phase(JsonObject pod) => pod.Object("status").Text("phase") ?? "";

    public static JsonObject? State(JsonObject pod, string which) => (pod.Object("status").Array("containerStatuses")?[0] as JsonObject).Object("state").Object(which);
}
