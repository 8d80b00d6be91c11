using DiffusionDpo.Api.FineTunes;
using DiffusionDpo.KubeOps.Builder;
using DiffusionDpo.KubeOps.Caching;
using DiffusionDpo.Operator.Attempts;
using DiffusionDpo.Operator.Metrics;
using DiffusionDpo.Operator.Progress;
using DiffusionDpo.Operator.Reconciling;
using k8s.Models;
using Microsoft.Extensions.DependencyInjection;

namespace DiffusionDpo.Operator.Hosting;

/// <summary>What the operator consists of.</summary>
internal static class OperatorComposition
{
    /// <summary>Adds it to a host's services.</summary>
    public static IServiceCollection AddDdpoOperator(this IServiceCollection services, OperatorOptions options, Action<OperatorSettingsBuilder> configure)
    {
        services.AddSingleton(options);
        services.AddSingleton<OperatorMetrics>();
        services.AddSingleton(p => new ProgressReader(ProgressHttp.Client(), options, p.GetRequiredService<TimeProvider>()));
        services.AddKubernetesOperator(configure)
            .AddController<FineTuneController, DpoFineTune>()
            .Project<DpoFineTune>(FineTuneProjection.Of)
            .Owns<DpoFineTune, V1Job, JobView>(new OwnedWatch<V1Job, JobView>
            {
                View = JobView.Of,
                Owner = job => job.FineTune,
                LabelSelector = JobView.Selector,
            })
            .Owns<DpoFineTune, V1Pod, PodView>(new OwnedWatch<V1Pod, PodView>
            {
                View = PodView.Of,
                Owner = pod => pod.FineTune,
                LabelSelector = JobView.Selector,
            });
        return services;
    }
}
