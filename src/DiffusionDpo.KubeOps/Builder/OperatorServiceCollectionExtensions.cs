using DiffusionDpo.KubeOps.Caching;
using DiffusionDpo.KubeOps.Client;
using DiffusionDpo.KubeOps.Reconciling;
using KubeOps.Abstractions.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

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
        services.AddSingleton<Leadership.WriteFence>();
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
        var fence = services.GetRequiredService<Leadership.WriteFence>();
        return new ApiClient(
            services.GetRequiredService<ApiConnection>(),
            services.GetRequiredService<WrittenObjects>(),
            () => fence.Token,
            settings.Name,
            settings.Connection.RequestTimeout,
            services.GetRequiredService<TimeProvider>());
    }
}
