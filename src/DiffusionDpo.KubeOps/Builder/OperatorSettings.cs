using DiffusionDpo.KubeOps.Client;
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
}
