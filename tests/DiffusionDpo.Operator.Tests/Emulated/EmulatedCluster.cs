using System.Text;
using DiffusionDpo.Api.FineTunes;
using DiffusionDpo.KubeOps.Builder;
using DiffusionDpo.KubeOps.Caching;
using DiffusionDpo.KubeOps.Client;
using DiffusionDpo.KubeOps.Queueing;
using DiffusionDpo.Operator.Hosting;
using DiffusionDpo.Shared;
using k8s;
using k8s.Models;
using KubeApi;
using KubeApi.Cluster;
using KubeApi.Cluster.Kubelets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using YamlDotNet.Serialization;

namespace DiffusionDpo.Operator.Tests.Emulated;

/// <summary>The whole operator on the API server emulator with a cluster around it. Time passes only when nothing is left to do.</summary>
internal sealed class EmulatedCluster : IAsyncDisposable
{
    /// <summary>A fine-tune of two workers with four GPUs each.</summary>
    public const string FirstYaml = """
        apiVersion: diffusiondpo.io/v1alpha1
        kind: DpoFineTune
        metadata:
          name: first
          namespace: default
        spec:
          model: { family: sd15, source: /models/sd15 }
          data: { sources: [{ uri: /data/train }] }
          workers: { count: 2, gpusPerWorker: 4 }
          output: { uri: /runs/first }
        """;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);
    private IHost? _host;

    private EmulatedCluster()
    {
        Server = new ApiServer(new ApiServerOptions { Time = Clock });
        Runtime = new ScriptedRuntime(Clock);
        Cluster = new FakeCluster(Server, new FakeClusterOptions { Runtime = Runtime });
    }

    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public ApiServer Server { get; }

    public ScriptedRuntime Runtime { get; }

    public FakeCluster Cluster { get; }

    public static async Task<EmulatedCluster> StartAsync(int gpus = 8)
    {
        EmulatedCluster cluster = new();
        await cluster.SendAsync("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", Json(Repository.Path("crds/dpofinetunes.diffusiondpo.io.yaml")));
        await cluster.Cluster.Nodes.AddAsync("node-0", gpus);
        await cluster.Cluster.Nodes.AddAsync("node-1", gpus);
        await cluster.Cluster.SettleAsync();
        return cluster;
    }

    /// <summary>Starts the operator; stops the one before.</summary>
    public async Task StartOperatorAsync(KillSwitch? kill = null)
    {
        await StopOperatorAsync();
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddSingleton<TimeProvider>(Clock);
        builder.Services.AddDdpoOperator(new OperatorOptions(), settings => settings
            .WithName("ddpo-operator")
            .WithConnection(new ApiConnectionOptions
            {
                Configuration = new KubernetesClientConfiguration { Host = "http://emulator.invalid" },
                Transport = () => kill is null ? Server.CreateHandler() : kill.Around(Server.CreateHandler()),
                RequestsPerSecond = 1e6,
                Burst = 1_000_000,
            }));
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        var host = builder.Build();
        await host.StartAsync();
        _host = host;
        await _host.Services.GetRequiredService<OperatorService>().Synced.WaitAsync(s_patience);
    }

    public async Task StopOperatorAsync()
    {
        if (_host is null) return;
        var stopping = _host.StopAsync();
        while (!stopping.IsCompleted)
        {
            // What it waits for at the end, it waits for by this clock.
            await Task.Delay(1);
            Clock.Advance(TimeSpan.FromMilliseconds(500));
        }

        await stopping;
        _host.Dispose();
        _host = null;
    }

    public Task ApplyAsync(string yaml) => SendAsync("PATCH", $"/apis/diffusiondpo.io/v1alpha1/namespaces/default/dpofinetunes/{Name(yaml)}?fieldManager=kubectl&fieldValidation=Strict", yaml, "application/apply-patch+yaml");

    public DpoFineTune FineTune(string name) =>
        KubernetesJson.Deserialize<DpoFineTune>(new MemoryStream(Encoding.UTF8.GetBytes(Server.Store.Get("dpofinetunes.diffusiondpo.io", new("default", name))!.Document().ToJsonString())));

    /// <summary>A condition of a fine-tune; null where it has none of the type.</summary>
    public V1Condition? Condition(string type) => FineTune("first").Status?.Conditions.FirstOrDefault(c => c.Type == type);

    /// <summary>The events about a fine-tune, as type, reason and text.</summary>
    public IReadOnlyList<string> Events(string name) => [.. Server.Store.List("events").Objects.Values.Select(stored => stored.Document())
        .Where(e => (string?)e["involvedObject"]!["kind"] == "DpoFineTune" && (string?)e["involvedObject"]!["name"] == name)
        .Select(e => $"{e["type"]} {e["reason"]}: {e["message"]}")];

    /// <summary>Creates an object of the core API by name alone.</summary>
    public Task CreateAsync(string kind, string name) =>
        SendAsync("POST", $"/api/v1/namespaces/default/{kind.ToLowerInvariant()}s", $$"""{"apiVersion":"v1","kind":"{{kind}}","metadata":{"name":"{{name}}"} }""");

    /// <summary>Lets time pass until something holds.</summary>
    public async Task UntilAsync(Func<bool> holds, TimeSpan within)
    {
        var end = Clock.GetUtcNow() + within;
        while (true)
        {
            await RestAsync();
            if (holds()) return;
            if (Clock.GetUtcNow() >= end) throw new TimeoutException($"not within {within}: " + string.Join("\n", Server.Store.List("dpofinetunes.diffusiondpo.io").Objects.Values.Select(o => o.Document()["status"]?.ToJsonString())));
            Clock.Advance(UntilSomethingIsDue());
        }
    }

    public async Task<string> SendAsync(string method, string path, string body, string contentType = "application/json")
    {
        var at = path.IndexOf('?', StringComparison.Ordinal);
        using HttpClient client = new(Server.CreateHandler());
        using HttpRequestMessage request = new(new HttpMethod(method), "http://emulator.invalid" + path) { Content = new StringContent(body, Encoding.UTF8, contentType) };
        using var answer = await client.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        return answer.IsSuccessStatusCode ? text : throw new InvalidOperationException($"{method} {path}: {(int)answer.StatusCode} {text}{at}");
    }

    public async ValueTask DisposeAsync()
    {
        await StopOperatorAsync();
        await Cluster.DisposeAsync();
    }

    private TimeSpan UntilSomethingIsDue()
    {
        var now = Clock.GetUtcNow();
        DateTimeOffset?[] dues = [Cluster.NextDue, _host?.Services.GetRequiredKeyedService<WorkQueue<ObjectKey>>(typeof(DpoFineTune)).NextDue, now.AddSeconds(30)];
        var next = dues.Min()!.Value - now;
        return next > TimeSpan.FromMilliseconds(100) ? next : TimeSpan.FromMilliseconds(100);
    }

    /// <summary>Waits, without time passing, until cluster and operator have nothing left to do.</summary>
    private async Task RestAsync()
    {
        var queue = _host?.Services.GetRequiredKeyedService<WorkQueue<ObjectKey>>(typeof(DpoFineTune));
        var (quiet, version) = (0, -1L);
        for (var round = 0; quiet < 3; round++)
        {
            // What tries again waits for the clock.
            if (round % 100 == 99) Clock.Advance(TimeSpan.FromMilliseconds(500));
            if (round > 20_000) throw new TimeoutException("operator and cluster do not come to rest");
            await Cluster.SettleAsync();
            await Task.Delay(1);
            var isQuiet = queue?.IsIdle != false && Server.Store.ResourceVersion == version;
            quiet = isQuiet ? quiet + 1 : 0;
            version = Server.Store.ResourceVersion;
        }
    }

    private static string Name(string yaml) => new DeserializerBuilder().Build().Deserialize<dynamic>(yaml)["metadata"]["name"];

    private static string Json(string path) =>
        new SerializerBuilder().JsonCompatible().Build().Serialize(new DeserializerBuilder().WithAttemptingUnquotedStringTypeDeserialization().Build().Deserialize<object>(File.ReadAllText(path))!);
}
