using System.Text;
using System.Text.Json.Nodes;
using DiffusionDpo.KubeOps.Caching;
using DiffusionDpo.KubeOps.Client;
using k8s;
using k8s.Models;
using KubeApi;
using KubeApi.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Prometheus;

namespace DiffusionDpo.KubeOps.Tests.Caching;

/// <summary>A reflector of ConfigMaps on the API server emulator, with a transport on which things go wrong, and time that passes when it is awaited.</summary>
internal sealed class ReflectorHarness : IAsyncDisposable
{
    private const string Path = "/api/v1/namespaces/default/configmaps";
    private const int Patience = 60_000;
    private readonly CancellationTokenSource _stop = new();
    private readonly ApiConnection _connection;
    private readonly Reflector<V1ConfigMap, MapView> _reflector;
    private Task _running = Task.CompletedTask;

    public ReflectorHarness(ReflectorOptions? options = null, Func<V1ConfigMap, MapView>? view = null)
    {
        Server = new ApiServer(new ApiServerOptions { Time = Clock });
        Transport = new FaultyTransport(Server.CreateHandler());
        var registry = Metrics.NewCustomRegistry();
        _connection = new ApiConnection(
            new ApiConnectionOptions { Configuration = new KubernetesClientConfiguration { Host = "http://emulator.invalid" }, Transport = () => Transport, RequestsPerSecond = 1e6, Burst = 1_000_000 },
            new ClientMetrics(registry),
            Clock);
        _reflector = new Reflector<V1ConfigMap, MapView>(
            _connection, Store, view ?? (map => new MapView(map.Metadata.Name, map.Data["value"])), "default", null, options ?? Patient, new ReflectorMetrics(registry), Clock, NullLogger.Instance);
        Store.Changed += (key, _, after) => Told[key.Name] = after?.Value;
    }

    /// <summary>The clock of these tests runs ahead of the machine: no limit in time is to be reached by that.</summary>
    public static ReflectorOptions Patient { get; } = new() { IdleLimit = TimeSpan.FromDays(40), ListTimeout = TimeSpan.FromDays(40), WatchDuration = TimeSpan.FromDays(30), PageSize = 2 };

    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public ApiServer Server { get; private set; }

    public FaultyTransport Transport { get; private set; }

    public ObjectStore<MapView> Store { get; } = new(_ => null);

    /// <summary>What a listener to the store's changes knows.</summary>
    public System.Collections.Concurrent.ConcurrentDictionary<string, string?> Told { get; } = new();

    public IReadOnlyDictionary<string, string> Known => Store.List().ToDictionary(view => view.Name, view => view.Value);

    public IReadOnlyDictionary<string, string> Truth => Server.Store.List("configmaps").Objects
        .Where(item => item.Key.Namespace == "default").ToDictionary(item => item.Key.Name, item => item.Value.Document()["data"]!["value"]!.GetValue<string>());

    public bool IsMoving => _reflector.IsMoving;

    public void Start() => _running = Task.Run(() => _reflector.RunAsync(_stop.Token));

    public void Observe(V1ConfigMap written) => _reflector.Observe(written);

    /// <summary>Writes; null deletes.</summary>
    public async Task<string> WriteAsync(string name, string? value)
    {
        if (value is null) return await SendAsync("DELETE", $"{Path}/{name}", null);
        var body = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "ConfigMap", ["metadata"] = new JsonObject { ["name"] = name }, ["data"] = new JsonObject { ["value"] = value } };
        return Server.Store.Get("configmaps", new("default", name)) is null ? await SendAsync("POST", Path, body) : await SendAsync("PUT", $"{Path}/{name}", body);
    }

    /// <summary>Lets time pass until something holds.</summary>
    public async Task UntilAsync(Func<bool> holds, double secondsPerStep = 0.5)
    {
        for (var step = 0; step < Patience; step++)
        {
            if (holds()) return;
            Clock.Advance(TimeSpan.FromSeconds(secondsPerStep));
            if (step % 64 == 63) await Task.Delay(1);
            else await Task.Yield();
        }

        throw new TimeoutException($"not reached: knows {Show(Known)}, is {Show(Truth)}, {Transport.Lists} lists, {Transport.Watches} watches");
    }

    public Task UntilConvergedAsync() => UntilAsync(() => Known.OrderBy(pair => pair.Key).SequenceEqual(Truth.OrderBy(pair => pair.Key)));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _connection.Dispose();
        _stop.Dispose();
    }

    public static string Show(IReadOnlyDictionary<string, string> maps) => string.Join(',', maps.OrderBy(pair => pair.Key).Select(pair => $"{pair.Key}={pair.Value}"));

    private async Task<string> SendAsync(string method, string path, JsonObject? body)
    {
        var answer = await Server.HandleAsync(new ApiRequest
        {
            Method = method,
            Path = path,
            Headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { ["Content-Type"] = "application/json" },
            Body = body is null ? default : Encoding.UTF8.GetBytes(body.ToJsonString()),
        });
        var text = Encoding.UTF8.GetString(answer.Body.Span);
        return answer.Status < 300 ? text : throw new InvalidOperationException(text);
    }
}
