using DiffusionDpo.KubeOps.Client;
using DiffusionDpo.KubeOps.Health;
using DiffusionDpo.KubeOps.Leadership;
using DiffusionDpo.KubeOps.Reconciling;

namespace DiffusionDpo.KubeOps.Builder;

/// <summary>How an operator runs.</summary>
public sealed record OperatorSettings
{
    /// <summary>Its name: field manager, reporting controller, user agent.</summary>
    public string Name { get; init; } = "operator";

    /// <summary>The namespace that it looks after. Null: all.</summary>
    public string? Namespace { get; init; }

    /// <summary>How to reach the API server.</summary>
    public ApiConnectionOptions Connection { get; init; } = null!;

    /// <summary>How entities are reconciled.</summary>
    public ReconcileOptions Reconciling { get; init; } = new();

    /// <summary>How replicas agree on the one that works. Null: this process is alone.</summary>
    public LeaderElectionOptions? LeaderElection { get; init; }

    /// <summary>Where /livez, /readyz and /metrics are. Null: nowhere.</summary>
    public HealthOptions? Health { get; init; }

    /// <summary>What events say of the process, such as its pod's name.</summary>
    public string Instance { get; init; } = Environment.MachineName;
}
