using System.Net;

namespace DiffusionDpo.KubeOps.Health;

/// <summary>Where an operator answers about itself.</summary>
public sealed record HealthOptions
{
    /// <summary>Where /livez and /readyz are.</summary>
    public IPEndPoint Health { get; init; } = new(IPAddress.IPv6Any, 8081);

    /// <summary>Where /metrics is. The same as the other: one server has all.</summary>
    public IPEndPoint Metrics { get; init; } = new(IPAddress.IPv6Any, 8080);
}
