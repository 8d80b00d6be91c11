using System.Text;
using DiffusionDpo.Api.FineTunes;
using DiffusionDpo.Shared;
using k8s;
using k8s.Models;
using KubeApi;
using KubeApi.Cluster;
using KubeApi.Cluster.Kubelets;
using Microsoft.Extensions.Time.Testing;
using YamlDotNet.Serialization;

namespace DiffusionDpo.Operator.Tests.Emulated;

/// <summary>Whole operators on the API server emulator with a cluster around it. Time passes only when nothing is left to do.</summary>
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
          data: { sources: [{ uri: /data/train }], cache: none }
          workers: { count: 2, gpusPerWorker: 4 }
          output: { uri: /runs/first }
        """;

    private const int MostRounds = 1_000_000;
    private const int MostBackgroundRounds = 10_000;
    private const int QuickRounds = 200;
    private const int CalmRounds = 5;
    private readonly List<Replica> _replicas = [];

    private EmulatedCluster()
    {
        Server = new ApiServer(new ApiServerOptions { Time = Clock });
        Runtime = new ScriptedRuntime(Clock);
        Trainers = new Trainers(Clock);
        Cluster = new FakeCluster(Server, new FakeClusterOptions { Runtime = Runtime });
    }

    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public ApiServer Server { get; }

    public ScriptedRuntime Runtime { get; }

    public FakeCluster Cluster { get; }

    public Trainers Trainers { get; }

    /// <summary>Whether something keeps operators from what there is to see and do until time passes: then rest is that nothing happens for a moment.</summary>
    public bool IsDisturbed { get; set; }

    /// <summary>Every operator that was started.</summary>
    public IReadOnlyList<Replica> Replicas => _replicas;

    public static async Task<EmulatedCluster> StartAsync(int gpus = 8)
    {
        EmulatedCluster cluster = new();
        await cluster.SendAsync("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", Json(Repository.Path("crds/dpofinetunes.diffusiondpo.io.yaml")));
        await cluster.Cluster.Nodes.AddAsync("node-0", gpus);
        await cluster.Cluster.Nodes.AddAsync("node-1", gpus);
        await cluster.Cluster.SettleAsync();
        return cluster;
    }

    /// <summary>Starts an operator.</summary>
    /// <param name="elects">Whether it is one of several, of which one works.</param>
    public Replica StartOperator(bool elects = false)
    {
        var replica = Replica.Start($"replica-{_replicas.Count}", Server, Clock, Trainers, elects);
        _replicas.Add(replica);
        return replica;
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

    /// <summary>Waits, without time passing, for what operators write in the background: events.</summary>
    public async Task SoonAsync(Func<bool> holds)
    {
        for (var round = 0; round < MostBackgroundRounds; round++)
        {
            await RestAsync();
            if (holds()) return;
            await Task.Delay(1);
        }

        throw new TimeoutException("nothing in the background brings it about");
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

    /// <summary>Waits, without time passing, until cluster and operators have nothing left to do at the present time.</summary>
    public async Task RestAsync()
    {
        var (calm, patience, version) = (0, 0, -1L);
        for (var round = 0; calm < CalmRounds; round++)
        {
            if (round == MostRounds) throw new TimeoutException("operator and cluster do not come to rest");
            await Cluster.SettleAsync();
            calm = _replicas.All(replica => replica.IsAtRest) ? calm + 1 : 0;
            patience = Server.Store.ResourceVersion == version ? patience + 1 : 0;
            version = Server.Store.ResourceVersion;
            // What still waits though nothing happens waits for the clock.
            if (patience > QuickRounds + (IsDisturbed ? 3 : 1000)) return;
            if (calm > 0) await TurnOfThePoolAsync();
            else if (patience < QuickRounds) await Task.Yield();
            else await Task.Delay(1);
        }
    }

    // Between what a cache has seen and the queue are continuations that wait for a thread of the pool, long where cores are scarce: all that
    // stood in the pool's queue before has its turn first.
    private static Task TurnOfThePoolAsync()
    {
        TaskCompletionSource turn = new(TaskCreationOptions.RunContinuationsAsynchronously);
        ThreadPool.UnsafeQueueUserWorkItem(static turn => turn.SetResult(), turn, preferLocal: false);
        return Task.WhenAll(turn.Task, Task.Delay(1));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var replica in _replicas)
        {
            replica.Link.Restore(breaks: true);
            replica.Time.GoOn();
            replica.Stop();
        }

        var ended = Task.WhenAll(_replicas.Select(replica => replica.Ended));
        while (!ended.IsCompleted)
        {
            // What they wait for at the end, they wait for by this clock.
            await Task.Delay(1);
            Clock.Advance(TimeSpan.FromMilliseconds(500));
        }

        foreach (var replica in _replicas) await replica.DisposeAsync();
        await Cluster.DisposeAsync();
        Trainers.Dispose();
    }

    private TimeSpan UntilSomethingIsDue()
    {
        var now = Clock.GetUtcNow();
        DateTimeOffset?[] dues = [Cluster.NextDue, .. _replicas.Select(replica => replica.NextDue), now.AddSeconds(30)];
        var next = dues.Min()!.Value - now;
        return next > TimeSpan.FromMilliseconds(100) ? next : TimeSpan.FromMilliseconds(100);
    }

    private static string Name(string yaml) => new DeserializerBuilder().Build().Deserialize<dynamic>(yaml)["metadata"]["name"];

    private static string Json(string path) =>
        new SerializerBuilder().JsonCompatible().Build().Serialize(new DeserializerBuilder().WithAttemptingUnquotedStringTypeDeserialization().Build().Deserialize<object>(File.ReadAllText(path))!);
}
