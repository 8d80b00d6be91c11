using DiffusionDpo.KubeOps.Caching;
using DiffusionDpo.KubeOps.Client;
using DiffusionDpo.KubeOps.Events;
using DiffusionDpo.KubeOps.Health;
using DiffusionDpo.KubeOps.Leadership;
using DiffusionDpo.KubeOps.Reconciling;
using KubeOps.Abstractions.Builder;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Prometheus;

namespace DiffusionDpo.KubeOps.Builder;

/// <summary>Adds an operator to the services of a host.</summary>
public static class OperatorServiceCollectionExtensions
{
    /// <summary>Adds an operator. Its controllers come with the builder; it runs as a hosted service.</summary>
    public static IOperatorBuilder AddKubernetesOperator(this IServiceCollection services, Action<OperatorSettingsBuilder>? configure = null)
    {
        var settings = new OperatorSettingsBuilder();
        configure?.Invoke(settings);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(_ => Prometheus.Metrics.NewCustomRegistry());
        services.AddSingleton(_ => settings.Build());
        services.AddSingleton<ClientMetrics>();
        services.AddSingleton<ReflectorMetrics>();
        services.AddSingleton<ReconcileMetrics>();
        services.AddSingleton<BackgroundClient>();
        services.AddSingleton<HealthChecks>();
        services.AddSingleton(Election);
        services.AddSingleton(Events);
        services.TryAddSingleton<IEventRecorder>(p => p.GetRequiredService<EventRecorder>());
        services.AddSingleton<WrittenObjects>();
        services.AddSingleton(p => new ApiConnection(p.GetRequiredService<OperatorSettings>().Connection, p.GetRequiredService<ClientMetrics>(), p.GetRequiredService<TimeProvider>()));
        services.AddSingleton(Client);
        services.AddSingleton<IApiClient>(p => p.GetRequiredService<ApiClient>());
        services.AddSingleton<OperatorService>();
        services.AddHostedService(p => p.GetRequiredService<OperatorService>());
        return new OperatorBuilder(services);
    }

    private static ApiClient Client(IServiceProvider services)
    {
        var settings = services.GetRequiredService<OperatorSettings>();
        var election = services.GetRequiredService<Candidacy>().Election;
        return new ApiClient(
            services.GetRequiredService<ApiConnection>(),
            services.GetRequiredService<WrittenObjects>(),
            () => election?.Fence ?? WriteFence.None,
            settings.Name,
            settings.Connection.RequestTimeout,
            services.GetRequiredService<TimeProvider>());
    }

    private static Candidacy Election(IServiceProvider services)
    {
        if (services.GetRequiredService<OperatorSettings>().LeaderElection is not { } options) return new Candidacy(null);
        return new Candidacy(new LeaderElection(
            services.GetRequiredService<BackgroundClient>().Client,
            options,
            services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<CollectorRegistry>(),
            services.GetRequiredService<ILogger<LeaderElection>>()));
    }

    private static EventRecorder Events(IServiceProvider services)
    {
        var settings = services.GetRequiredService<OperatorSettings>();
        return new EventRecorder(
            services.GetRequiredService<BackgroundClient>().Client,
            new EventReporter(settings.Name, settings.Instance),
            services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<CollectorRegistry>(),
            services.GetRequiredService<ILogger<EventRecorder>>());
    }
}
