using DiffusionDpo.KubeOps.Client;
using DiffusionDpo.KubeOps.Health;
using DiffusionDpo.KubeOps.Leadership;
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

    /// <summary>Lets several replicas run, of which one works; null: this process is alone.</summary>
    public OperatorSettingsBuilder WithLeaderElection(LeaderElectionOptions? leaderElection) => With(_settings with { LeaderElection = leaderElection });

    /// <summary>Serves /livez, /readyz and /metrics; null: not.</summary>
    public OperatorSettingsBuilder WithHealth(HealthOptions? health) => With(_settings with { Health = health });

    /// <summary>Names this process in events.</summary>
    public OperatorSettingsBuilder WithInstance(string instance) => With(_settings with { Instance = instance });

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
