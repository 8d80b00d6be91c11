using DiffusionDpo.KubeOps.Client;
using DiffusionDpo.KubeOps.Reconciling;
using k8s;

namespace DiffusionDpo.KubeOps.Builder;

/// <summary>Says how an operator runs.</summary>
public sealed class OperatorSettingsBuilder
{
    private OperatorSettings _settings = new();

    /// <summary>Names the operator.</summary>
    public OperatorSettingsBuilder WithName(string name) => With(_settings with { Name = name });

    /// <summary>Limits the operator to a namespace; null: all.</summary>
    public OperatorSettingsBuilder WithNamespace(string? ns) => With(_settings with { Namespace = ns });

    /// <summary>Says how to reach the API server.</summary>
    public OperatorSettingsBuilder WithConnection(ApiConnectionOptions connection) => With(_settings with { Connection = connection });

    /// <summary>Says how entities are reconciled.</summary>
    public OperatorSettingsBuilder WithReconciling(ReconcileOptions reconciling) => With(_settings with { Reconciling = reconciling });

    /// <summary>The settings. Where nothing else is said, the API server is the cluster's around this process, or the kubeconfig's.</summary>
    internal OperatorSettings Build() => _settings.Connection is not null
        ? _settings
        : _settings with { Connection = new ApiConnectionOptions { Configuration = KubernetesClientConfiguration.BuildDefaultConfig(), UserAgent = _settings.Name } };

    private OperatorSettingsBuilder With(OperatorSettings settings)
    {
        _settings = settings;
        return this;
    }
}
