using KubeApi.Cluster.Kubelets;

namespace KubeApi.Cluster;

/// <summary>How the cluster around the API server behaves.</summary>
public sealed record FakeClusterOptions
{
    /// <summary>What runs containers.</summary>
    public IContainerRuntime? Runtime { get; init; }

    /// <summary>
    /// Nodes as kwok fakes them: containers run until someone writes another status, and a deletion is confirmed at once without ending
    /// them. For replays of what was recorded that way.
    /// </summary>
    public bool LikeKwok { get; init; }

    /// <summary>How long a node may be silent before it counts as unreachable.</summary>
    public TimeSpan NodeGracePeriod { get; init; } = TimeSpan.FromSeconds(40);
}
