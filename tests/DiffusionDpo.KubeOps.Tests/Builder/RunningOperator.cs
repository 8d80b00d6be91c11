using DiffusionDpo.KubeOps.Builder;
using DiffusionDpo.KubeOps.Caching;
using DiffusionDpo.KubeOps.Client;
using DiffusionDpo.KubeOps.Reconciling;
using DiffusionDpo.KubeOps.Tests.Reconciling;
using k8s;
using k8s.Models;
using KubeApi;
using KubeOps.Abstractions.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace DiffusionDpo.KubeOps.Tests.Builder;

/// <summary>An operator of ConfigMaps, with the ConfigMaps labelled tests/of=NAME as what they own, on the emulator.</summary>
internal sealed class RunningOperator : IAsyncDisposable
{
    private readonly IHost _host;

    private RunningOperator(IHost host) => _host = host;

    public IServiceProvider Services => _host.Services;

    public IApiClient Client => _host.Services.GetRequiredService<IApiClient>();

    public ScriptedController Controller => _host.Services.GetRequiredService<ScriptedController>();

    public ObjectStore<V1ConfigMap> Entities => _host.Services.GetRequiredService<ObjectStore<V1ConfigMap>>();

    public ObjectStore<MapView> Owned => _host.Services.GetRequiredService<ObjectStore<MapView>>();

    public static async Task<RunningOperator> StartAsync(
        ApiServer server, Func<HttpMessageHandler>? transport = null, Action<IOperatorBuilder>? more = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        IOperatorBuilder kube = builder.Services.AddKubernetesOperator(settings => settings
            .WithName("tests")
            .WithNamespace("default")
            .WithReconciling(new ReconcileOptions { DrainLimit = TimeSpan.FromSeconds(1) })
            .WithConnection(new ApiConnectionOptions
            {
                Configuration = new KubernetesClientConfiguration { Host = "http://emulator.invalid" },
                Transport = transport ?? server.CreateHandler,
                RequestsPerSecond = 1e6,
                Burst = 1_000_000,
            }));
        builder.Services.AddSingleton(new ReflectorOptions
        {
            PageSize = 7,
            FirstWait = TimeSpan.FromMilliseconds(1),
            LongestWait = TimeSpan.FromMilliseconds(4),
        });
        kube.AddController<ScriptedController, V1ConfigMap>();
        kube.Owns<V1ConfigMap, V1Secret, MapView>(new OwnedWatch<V1Secret, MapView> { View = View, Owner = view => view.Owner, LabelSelector = "tests/of,tests/kind in (a, b)" });
        more?.Invoke(kube);
        builder.Logging.SetMinimumLevel(LogLevel.None);
        IHost host = builder.Build();
        await host.StartAsync(TestContext.Current.CancellationToken);
        await host.Services.GetRequiredService<OperatorService>().Synced.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        return new RunningOperator(host);
    }

    public static V1Secret Secret(string name, string of, string value = "1") => new()
    {
        Metadata = new V1ObjectMeta
        {
            Name = name,
            NamespaceProperty = "default",
            Labels = new Dictionary<string, string> { ["tests/of"] = of, ["tests/kind"] = "a" },
            Annotations = new Dictionary<string, string> { ["value"] = value },
        },
    };

    /// <summary>Waits for something that the operator does in its own time.</summary>
    public static async Task UntilAsync(Func<bool> holds)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!holds()) await Task.Delay(1, patience.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }

    private static MapView View(V1Secret secret) => new(
        ObjectKey.Of(secret),
        secret.Metadata.Uid,
        secret.Metadata.Annotations?["value"] ?? "",
        secret.Metadata.Labels.TryGetValue("tests/of", out string? of) ? new ObjectKey("default", of) : null);
}
