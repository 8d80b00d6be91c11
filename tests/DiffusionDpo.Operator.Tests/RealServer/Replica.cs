using DiffusionDpo.KubeOps.Builder;
using DiffusionDpo.KubeOps.Client;
using DiffusionDpo.KubeOps.Leadership;
using DiffusionDpo.Operator.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace DiffusionDpo.Operator.Tests.RealServer;

/// <summary>One process's worth of the operator, by the clock on the wall, with the rights of its ServiceAccount.</summary>
internal sealed class Replica : IAsyncDisposable
{
    private readonly IHost _host;

    private Replica(IHost host) => _host = host;

    public static async Task<Replica> StartAsync(ServerFixture server, string ns, OperatorOptions options, LeaderElectionOptions? election, Warnings warnings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddProvider(warnings);
        builder.Services.AddDdpoOperator(options, settings => settings
            .WithName("ddpo-operator")
            .WithNamespace(ns)
            .WithConnection(new ApiConnectionOptions { Configuration = server.OperatorConfiguration() })
            .WithLeaderElection(election));
        Replica replica = new(builder.Build());
        await replica._host.StartAsync();
        var synced = replica._host.Services.GetRequiredService<OperatorService>().Synced;
        await Eventually.HoldsAsync(() => Task.FromResult(synced.IsCompleted), () => "the operator's caches do not fill");
        return replica;
    }

    /// <summary>A graceful end.</summary>
    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }
}
