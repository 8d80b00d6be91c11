using System.Text.Json.Nodes;
using DiffusionDpo.Api.FineTunes;
using DiffusionDpo.KubeOps.Leadership;
using k8s;
using KubeApi.Json;

namespace DiffusionDpo.Operator.Tests.RealServer;

/// <summary>A namespace of its own for a scenario, with a fine-tune, the node that plays its pods, and the operators that look after it.</summary>
internal sealed class TestNamespace : IAsyncDisposable
{
    private readonly ServerFixture _server;
    private readonly string _name;
    private readonly TrainerEndpoint _trainer;
    private readonly List<Replica> _replicas = [];
    private readonly Warnings _warnings = new();

    private TestNamespace(ServerFixture server, string name, TrainerEndpoint trainer)
    {
        (_server, _name, _trainer) = (server, name, trainer);
        Node = new PlayedNode(server.Admin, name, playsJobs: !server.Access!.HasControllers);
    }

    public PlayedNode Node { get; }

    public TrainerEndpoint Trainer => _trainer;

    public ApiUser User => _server.Admin;

    private string FineTunePath => $"/apis/diffusiondpo.io/v1alpha1/namespaces/{_name}/dpofinetunes/first";

    public static async Task<TestNamespace> CreateAsync(ServerFixture server)
    {
        Assert.SkipUnless(server.Access is not null, "KUBEBUILDER_ASSETS names no directory with kube-apiserver and etcd");
        server.Access.ThrowIfDead();
        var name = $"run-{Guid.NewGuid():N}"[..12];
        await server.Admin.CreateAsync("/api/v1/namespaces", Object("Namespace", name));
        // A controller makes it where there is one, sooner or later.
        await PlayedNode.UnlessOutdatedAsync(() => server.Admin.CreateAsync($"/api/v1/namespaces/{name}/serviceaccounts", Object("ServiceAccount", "default")));
        return new TestNamespace(server, name, await TrainerEndpoint.StartAsync());
    }

    /// <summary>Starts a replica; elected ones work one at a time.</summary>
    public async Task<Replica> StartOperatorAsync(string? candidate = null)
    {
        var options = new OperatorOptions { TrainerPort = _trainer.Port, ProgressInterval = TimeSpan.FromSeconds(1) };
        var election = candidate is null ? null : new LeaderElectionOptions { LeaseName = _name, Namespace = ServerFixture.OperatorNamespace, Identity = candidate };
        var replica = await Replica.StartAsync(_server, _name, options, election, _warnings);
        _replicas.Add(replica);
        return replica;
    }

    public async Task StopAsync(Replica replica)
    {
        _replicas.Remove(replica);
        await replica.DisposeAsync();
    }

    /// <summary>Which candidate leads; null before one does, and between two.</summary>
    public async Task<string?> LeaderAsync() =>
        (await User.FindAsync($"/apis/coordination.k8s.io/v1/namespaces/{ServerFixture.OperatorNamespace}/leases/{_name}")).Object("spec").Text("holderIdentity") is { Length: > 0 } holder ? holder : null;

    /// <summary>Applies the fine-tune.</summary>
    /// <param name="workers">Pods of the training stage.</param>
    /// <param name="suspend">spec.suspend.</param>
    /// <param name="output">spec.output.uri.</param>
    public Task ApplyAsync(int workers = 1, bool suspend = false, string output = "/runs/first") => User.ApplyAsync(FineTunePath, $$"""
        apiVersion: diffusiondpo.io/v1alpha1
        kind: DpoFineTune
        metadata: { name: first }
        spec:
          model: { family: sd15, source: /models/sd15 }
          data: { sources: [{ uri: /data/train }], cache: none }
          workers: { count: {{workers}}, gpusPerWorker: 1 }
          retryPolicy: { backoff: { initialSeconds: 1, maxSeconds: 1 } }
          suspend: {{(suspend ? "true" : "false")}}
          output: { uri: {{output}} }
        """);

    public async Task<DpoFineTune> FineTuneAsync() => KubernetesJson.Deserialize<DpoFineTune>((await User.FindAsync(FineTunePath))!.ToJsonString());

    /// <summary>The objects of a kind in the namespace.</summary>
    public Task<IReadOnlyList<JsonObject>> ListAsync(string resource) =>
        User.ListAsync($"{(resource == "jobs" ? "/apis/batch/v1" : resource == "events" ? "/apis/events.k8s.io/v1" : "/api/v1")}/namespaces/{_name}/{resource}");

    /// <summary>Waits for a status.</summary>
    public async Task<DpoFineTuneStatus> UntilAsync(Func<DpoFineTuneStatus, bool> holds)
    {
        DpoFineTune? last = null;
        await Eventually.HoldsAsync(
            async () =>
            {
                _server.Access!.ThrowIfDead();
                Node.ThrowIfBroken();
                last = await FineTuneAsync();
                return last.Status is { } status && holds(status);
            },
            () => $"never so: {KubernetesJson.Serialize(last?.Status)}\n{_warnings}");
        return last!.Status!;
    }

    public async ValueTask DisposeAsync()
    {
        _server.Access!.ThrowIfDead();
        foreach (var replica in _replicas) await replica.DisposeAsync();
        await Node.DisposeAsync();
        await _trainer.DisposeAsync();
    }

    private static JsonObject Object(string kind, string name) => new() { ["apiVersion"] = "v1", ["kind"] = kind, ["metadata"] = new JsonObject { ["name"] = name } };
}
