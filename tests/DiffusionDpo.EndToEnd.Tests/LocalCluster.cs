using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using KubeApi;
using KubeApi.Cluster;
using KubeApi.Cluster.Processes;
using KubeApi.Http;
using YamlDotNet.Serialization;

namespace DiffusionDpo.EndToEnd.Tests;

/// <summary>
/// A cluster on this machine: the API server emulator on a loopback port, its controllers, and a kubelet that starts the pods' containers as
/// real processes. The operator is a real process too.
/// </summary>
internal sealed class LocalCluster : IAsyncDisposable
{
    private readonly HttpClient _client = new() { DefaultRequestHeaders = { { "Authorization", "Bearer admin" } } };
    private readonly KestrelHost _host;
    private int _pods;

    private LocalCluster(ApiServer server, KestrelHost host, string directory)
    {
        (Server, _host, Directory) = (server, host, directory);
        Cluster = new FakeCluster(server, new FakeClusterOptions
        {
            Runtime = new ProcessRuntime(new ProcessRuntimeOptions
            {
                Directory = In("pods"),
                Images = new Dictionary<string, IReadOnlyList<string>> { ["ddpo:test"] = [Executable("ddpo")] },
                // Every attempt its own address, as in a cluster: all of them are this machine.
                Address = _ => $"127.0.77.{Interlocked.Increment(ref _pods)}",
            }),
        });
    }

    public ApiServer Server { get; }

    public FakeCluster Cluster { get; }

    public string Directory { get; }

    public int TrainerPort { get; } = FreePort();

    public int MetricsPort { get; } = FreePort();

    public static async Task<LocalCluster> StartAsync()
    {
        ApiServer server = new(new ApiServerOptions { AdminToken = "admin" });
        LocalCluster cluster = new(server, await KestrelHost.StartAsync(server), System.IO.Directory.CreateTempSubdirectory("ddpo-e2e-").FullName);
        await cluster.SendAsync(HttpMethod.Post, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", Repository.Path("crds/dpofinetunes.diffusiondpo.io.yaml"));
        await cluster.Cluster.Nodes.AddAsync("node-0");
        cluster.Cluster.Start();
        cluster.WriteKubeconfig();
        return cluster;
    }

    public static string Executable(string name) => Path.Combine(AppContext.BaseDirectory, name);

    public static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public string In(params string[] parts) => Path.Combine([Directory, .. parts]);

    /// <summary>An operator of this cluster.</summary>
    public RealProcess StartOperator() => new(
        Executable("operator"), "run", "--kubeconfig", In("kubeconfig"), "--trainer-image", "ddpo:test", "--trainer-port", $"{TrainerPort}",
        "--bind", "127.0.0.1", "--health-port", $"{FreePort()}", "--metrics-port", $"{MetricsPort}", "--leader-elect", "--progress-interval", "2");

    /// <summary>kubectl apply: the document of a YAML file.</summary>
    public async Task ApplyAsync(string file)
    {
        var name = Document(file)["metadata"]!["name"];
        await SendAsync(HttpMethod.Patch, $"/apis/diffusiondpo.io/v1alpha1/namespaces/default/dpofinetunes/{name}?fieldManager=kubectl&fieldValidation=Strict", file, "application/apply-patch+yaml");
    }

    public JsonNode? Status(string name) =>
        Server.Store.Get("dpofinetunes.diffusiondpo.io", new("default", name))?.Document()["status"];

    public async Task<JsonNode> UntilAsync(string name, Func<JsonNode, bool> holds, TimeSpan within)
    {
        using CancellationTokenSource patience = new(within);
        while (true)
        {
            if (Status(name) is { } status && holds(status)) return status;
            if ((string?)Status(name)?["phase"] == "Failed") throw new InvalidOperationException($"the run failed: {Status(name)!["conditions"]?.ToJsonString()}\n{Logs()}");
            try
            {
                await Task.Delay(100, patience.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"not within {within}: {Status(name)?.ToJsonString()}\n{Logs()}");
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Cluster.DisposeAsync();
        await _host.DisposeAsync();
        _client.Dispose();
        System.IO.Directory.Delete(Directory, recursive: true);
    }

    private string Logs() => string.Join("\n", System.IO.Directory.EnumerateFiles(Directory, "*log*", SearchOption.AllDirectories).Select(file => $"== {file}\n{File.ReadAllText(file)}"));

    private async Task SendAsync(HttpMethod method, string path, string file, string contentType = "application/json")
    {
        using HttpRequestMessage request = new(method, new Uri(_host.Address, path)) { Content = new StringContent(Document(file).ToJsonString(), Encoding.UTF8, contentType) };
        using var answer = await _client.SendAsync(request);
        string said = await answer.Content.ReadAsStringAsync();
        if (!answer.IsSuccessStatusCode) throw new InvalidOperationException($"{path}: {(int)answer.StatusCode} {said}");
    }

    private static JsonNode Document(string file) => JsonNode.Parse(new SerializerBuilder().JsonCompatible().Build().Serialize(
        new DeserializerBuilder().WithAttemptingUnquotedStringTypeDeserialization().Build().Deserialize<object>(File.ReadAllText(file))!))!;

    private void WriteKubeconfig() => File.WriteAllText(In("kubeconfig"), $$"""
        apiVersion: v1
        kind: Config
        current-context: local
        contexts: [{ name: local, context: { cluster: local, user: local, namespace: default } }]
        clusters: [{ name: local, cluster: { server: "{{_host.Address}}" } }]
        users: [{ name: local, user: { token: admin } }]
        """);
}
