using k8s;

namespace DiffusionDpo.KubeOps.Client;

/// <summary>How to reach the API server.</summary>
public sealed record ApiConnectionOptions
{
    /// <summary>Address and credentials.</summary>
    public required KubernetesClientConfiguration Configuration { get; init; }

    /// <summary>Makes the transport instead, for tests. Unset: sockets with the configuration's credentials.</summary>
    public Func<HttpMessageHandler>? Transport { get; init; }

    /// <summary>Requests per second on average.</summary>
    public double RequestsPerSecond { get; init; } = 100;

    /// <summary>Requests that may come at once.</summary>
    public int Burst { get; init; } = 200;

    /// <summary>How the client introduces itself.</summary>
    public string UserAgent { get; init; } = "ddpo-operator";

    /// <summary>Its version.</summary>
    public string Version { get; init; } = "0.1.0";

    /// <summary>How long a request may take that is no watch.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(30);
}
